// basicList octet by octet, and the length that is asked for before it is written.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { basicListEncoder, basicListOctets, listSemantics } from '../../src/ipfix/basic-list.ts';
import { EncodeError } from '../../src/ipfix/abstract-type.ts';
import { elementByName, type InformationElement } from '../../src/ipfix/information-element.ts';

const element = (name: string): InformationElement => elementByName(name)!;

function written(item: { element: InformationElement; length: number }, values: unknown): string {
  const target = Buffer.alloc(70_000, 0xee);
  const end = basicListEncoder(item, listSemantics.allOf)(values, target, 0);
  expect(end).toBe(basicListOctets(item, values));
  return target.toString('hex', 0, end);
}

describe('a list', () => {
  // RFC 6313 §4.5.1: 255, the length, the semantic, the Field Specifier, the values.
  test('of numbers', () => {
    const item = { element: element('egressInterface'), length: 4 };
    expect(written(item, [1, 4, 8])).toBe(
      'ff0011 03 000e 0004 00000001 00000004 00000008'.replaceAll(' ', ''),
    );
  });

  test('of texts, each with its own length', () => {
    const item = { element: element('applicationName'), length: 65_535 };
    expect(written(item, ['a', ''])).toBe('ff0008 03 0060 ffff 0161 00'.replaceAll(' ', ''));
  });

  test('of an enterprise element has its number', () => {
    const own = { ...element('octetDeltaCount'), id: 17, enterpriseNumber: 4242 };
    const item = { element: own, length: 1 };
    expect(written(item, [7])).toBe('ff000a 03 8011 0001 00001092 07'.replaceAll(' ', ''));
  });

  test('of nothing is a list no less', () => {
    expect(written({ element: element('vlanId'), length: 2 }, [])).toBe(
      'ff0005 03 003a 0002'.replaceAll(' ', ''),
    );
  });

  test('takes as many octets as it says, whatever is in it', () => {
    const item = { element: element('applicationName'), length: 65_535 };
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 300 }), { maxLength: 20 }), (values) => {
        written(item, values);
      }),
      { numRuns: 200 },
    );
  });
});

test('a value that its item cannot hold, and what is no list, are refused', () => {
  const item = { element: element('vlanId'), length: 2 };
  expect(() => written(item, [70_000])).toThrow(EncodeError);
  expect(() => written(item, 7)).toThrow('a list is wanted');
  const many = { element: element('vlanId'), length: 2 };
  expect(() => written(many, new Array(33_000).fill(1))).toThrow('a field holds 65,535');
});
