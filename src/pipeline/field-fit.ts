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
export function mapElement(avro: AvroField, element: InformationElement): MappedElement | string {
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
  const isAddress = element.type === 'ipv4Address' || element.type === 'ipv6Address';
  if (avro.size !== undefined && length !== variableLength && avro.size !== length && !isAddress) {
    return `fixed of ${avro.size} octets cannot fill ${element.name} (${field.length} octets)`;
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
  if (nullValues !== undefined && !Array.isArray(nullValues)) {
    return { problem: '"nullValues" is not a list; write the values that mean null, as [0]' };
  }
  const read = nullValues ? readerWithNulls(avro.read, nullValues) : avro.read;
  if (!avro.nullable && !nullValues) {
    if (meaning === undefined) return { read, omitNull: false, nullValue: undefined };
    return { problem: 'says what null means but cannot be null; remove "null"' };
  }
  if (meaning === undefined || meaning === 'omit') {
    return { read, omitNull: true, nullValue: undefined };
  }
  const scratch = Buffer.alloc(1024);
  try {
    for (const { encode } of elements) encode(meaning, scratch, 0);
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return { problem: `"null": ${JSON.stringify(meaning)}: ${error.message}; or say "omit"` };
  }
  return { read, omitNull: false, nullValue: meaning };
}

function readerWithNulls(read: AvroField['read'], nullValues: readonly unknown[]) {
  return (event: unknown) => {
    const value = read(event);
    return nullValues.includes(value) ? null : value;
  };
}
