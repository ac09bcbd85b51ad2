// Whether an Avro field can honestly fill an Information Element, and what its nulls become.

import { EncodeError, encoderFor, naturalLength, type Encode } from '../ipfix/abstract-type.ts';
import type { InformationElement } from '../ipfix/information-element.ts';
import { variableLength, type FieldSpecifier } from '../ipfix/template.ts';
import type { AvroField } from './avro-fields.ts';

/** An element as one field fills it: its Field Specifier and the way to write it. */
export interface MappedElement {
  readonly field: FieldSpecifier;
  readonly encode: Encode;
}

/** The element as this field fills it, or why it cannot, with the mend. */
export function mapElement(
  avro: AvroField,
  element: InformationElement,
  alternatives: readonly InformationElement[],
): MappedElement | string {
  const length = naturalLength(element.type);
  const field = { element, length: length ?? 0 };
  const encode = encoderFor(field);
  if (!encode) return `${element.name} is ${element.type}, which is not supported yet`;
  const wanted = avroFormsOf(element);
  if (!wanted.includes(avro.form)) {
    return (
      `Avro ${avro.form} cannot fill ${element.name} (${element.type}); ` +
      `use ${wanted.join(' or ')}, or map another element`
    );
  }
  const lengths = alternatives.map(({ type }) => naturalLength(type));
  if (avro.size !== undefined && length !== variableLength && !lengths.includes(avro.size)) {
    const names = alternatives.map(({ name }) => name).join(' or ');
    return `fixed of ${avro.size} octets cannot fill ${names} (${lengths.join(' or ')} octets)`;
  }
  return { field, encode };
}

function avroFormsOf({ type }: InformationElement): readonly string[] {
  switch (type) {
    case 'string':
      return ['string', 'enum'];
    case 'boolean':
      return ['boolean'];
    case 'float32':
    case 'float64':
      return ['float', 'double'];
    case 'octetArray':
    case 'macAddress':
    case 'ipv4Address':
    case 'ipv6Address':
      return ['bytes', 'fixed'];
    case 'dateTimeSeconds':
      return ['int', 'long'];
    case 'dateTimeMilliseconds':
      return ['long (timestamp-millis)', 'long'];
    default:
      return ['int', 'long'];
  }
}

export interface NullMeaning {
  /** The value in a decoded event, null where it means that there is none. */
  readonly read: (event: unknown) => unknown;
  /** Null leaves the element out of the record: another Shape. */
  readonly omitNull: boolean;
  /** What stands for null where it is not left out. */
  readonly nullValue: unknown;
}

/** Reads the options `null` and `nullValues` of an "ipfix" attribute. */
export function nullMeaning(
  avro: AvroField,
  attribute: Readonly<Record<string, unknown>>,
  elements: readonly MappedElement[],
): NullMeaning | { problem: string } {
  const { null: meaning, nullValues } = attribute;
  const listFault = nullValuesFault(avro, nullValues);
  if (listFault !== undefined) return { problem: listFault };
  const read = Array.isArray(nullValues) ? readerWithNulls(avro.read, nullValues) : avro.read;
  if (!avro.nullable && nullValues === undefined) {
    if (meaning === undefined) return { read, omitNull: false, nullValue: undefined };
    return { problem: 'says what null means but cannot be null; remove "null"' };
  }
  if (meaning === undefined || meaning === 'omit') {
    return { read, omitNull: true, nullValue: undefined };
  }
  const scratch = Buffer.alloc(scratchOctets);
  try {
    for (const { encode } of elements) encode(meaning, scratch, 0);
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return { problem: `"null": ${JSON.stringify(meaning)}: ${error.message}; or say "omit"` };
  }
  return { read, omitNull: false, nullValue: meaning };
}

/** More than any value of a field takes, its length octets included. */
const scratchOctets = 65_540;

/** The kind of value that decoded events have for an Avro form; octets are not compared. */
function valueKindOf(form: string): string | undefined {
  const [primitive] = form.split(' ');
  if (primitive === 'string' || primitive === 'enum') return 'string';
  if (primitive === 'boolean') return 'boolean';
  return ['int', 'long', 'float', 'double'].includes(primitive ?? '') ? 'number' : undefined;
}

function nullValuesFault(avro: AvroField, nullValues: unknown): string | undefined {
  if (nullValues === undefined) return undefined;
  if (!Array.isArray(nullValues)) {
    return '"nullValues" is not a list; write the values that mean null, as [0]';
  }
  const kind = valueKindOf(avro.form);
  if (kind === undefined) return `"nullValues" cannot be said of Avro ${avro.form}; remove it`;
  const wrong = (nullValues as unknown[]).find((value) => typeof value !== kind);
  if (wrong === undefined) return undefined;
  return `"nullValues": ${JSON.stringify(wrong)} is no ${kind}, as the field's values are`;
}

function readerWithNulls(read: AvroField['read'], nullValues: readonly unknown[]) {
  return (event: unknown) => {
    const value = read(event);
    return nullValues.includes(value) ? null : value;
  };
}
