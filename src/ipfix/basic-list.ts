// basicList (RFC 6313 §4.5.1): any number of values of one Information Element in one field.

import {
  type FieldEncoder,
  inPlace,
  listField,
  listItems,
  type ListOptions,
  refuseOverlong,
} from './field-encoder.ts';
import type { InformationElement } from './information-element.ts';
import { listSemantics } from './list-semantics.ts';
import { variableLength, writeFieldSpecifier } from './template.ts';

// RFC 6313 §4.5.1
//   basicList => semantic Field Specifier [value]
//   semantic  => unsigned8
/**
 * Returns a field for `element`, a basicList (RFC 6313 §4.5.1), whose items are written by `item`; an item
 * can be a list. The value is an array of the values of the items, and may be empty.
 */
export function basicListField(
  element: InformationElement,
  item: FieldEncoder,
  options: ListOptions = {},
): FieldEncoder {
  const { field } = item;
  const semantic = listSemantics[options.semantic ?? 'undefined'];
  const headOctets = 1 + (field.element.enterpriseNumber === 0 ? 4 : 8);
  const content = {
    octetsOf(value: unknown, depth: number): number {
      const values = listItems(value);
      if (field.length !== variableLength) return headOctets + values.length * field.length;
      return values.reduce<number>((octets, one, i) => {
        refuseOverlong(octets);
        return octets + inPlace('item', i + 1, () => item.octetsOf(one, depth));
      }, headOctets);
    },
    write(value: unknown, target: Buffer, at: number, depth: number): number {
      at = writeFieldSpecifier(target, target.writeUInt8(semantic, at), field);
      return listItems(value).reduce<number>(
        (to, one, i) => inPlace('item', i + 1, () => item.encode(one, target, to, depth)),
        at,
      );
    },
  };
  return listField(element, content, options);
}
