// A field of the mapping, bound to an Avro schema: where its value is read in an event, which element
// it fills, and what its null becomes. Types only.

import type { LeafType } from '../../avro/leaves.ts';
import type { Encode } from '../../ipfix/abstract-type.ts';
import type { FieldSpecifier } from '../../ipfix/template.ts';
import type { Delivery } from '../../sources/delivery.ts';
import type { Form } from './conversion/convert.ts';

/** An element as one field fills it: its Field Specifier and how to write it. */
export interface MappedElement {
  readonly field: FieldSpecifier;
  readonly encode: Encode;
  /** Octets of a value that brings its own length, with its length octets. */
  readonly octetsOf: (value: unknown) => number;
}

/** One event's values before they are mapped. Used again for every event. */
export interface EventValues {
  /** By the number of the path in `Mapping.paths`; null where absent. */
  readonly slots: readonly unknown[];
  /** Which of the Avro types at that path the value has. */
  readonly variants: Uint8Array;
  /** What is beside the value: the datum's Delivery and its number there. */
  delivery: Delivery;
  datum: number;
}

/** The field's value as its element needs it, or null. Throws EncodeError. */
export type ReadValue = (event: EventValues) => unknown;

/** A value of one Avro type at one path of the schema, converted or as it is. */
export interface PlainValue {
  readonly path: string;
  readonly type: LeafType;
  readonly form: Form | undefined;
}

/** Values that mean null: as they are read, and of addresses also as octets. */
export type NullValues =
  { readonly raw: ReadonlySet<unknown>; readonly octets: readonly Buffer[] } | undefined;

/** What `read` does where it is only this: a Painter can be compiled from it. */
export interface PlainRead extends PlainValue {
  readonly nulls: NullValues;
  /** Added to the value times `times`. */
  readonly plus: (PlainValue & { readonly times: number }) | undefined;
}

/** Where it was said which element a field fills. */
export type MappedBy = 'file' | 'attribute' | 'name' | `preset ${string}`;

export interface MappedField {
  /** The field of the Avro schema, or a source beside the value. */
  readonly path: string;
  /** The Avro types there, in readable form. */
  readonly avro: string;
  /** The unit of what is read, in readable form; "" where there is none. */
  readonly unit: string;
  /** Where a time in text without a zone of its own is from; undefined: such a text is refused. */
  readonly zone: string | undefined;
  readonly read: ReadValue;
  /** The paths of the schema that `read` looks at. */
  readonly reads: readonly string[];
  /** Undefined where only `read` knows what it does. */
  readonly plain: PlainRead | undefined;
  readonly mappedBy: MappedBy;
  readonly elementName: string;
  /** One element; or two, IPv4's and IPv6's, chosen by the value or by the flow's version. */
  readonly choice: 'nothing' | 'value' | 'flow';
  readonly elements: readonly MappedElement[];
  readonly usually: 'ipv4' | 'flow';
  /** Null leaves the element out of the record: another Shape. */
  readonly omitNull: boolean;
  /** What stands for null where it is not left out. */
  readonly nullValue: unknown;
  /** Fields of one group are expected to be null together. */
  readonly group: string;
  /** The flow's IP version is that of this address: its value's (0), or always IPv4's or IPv6's. */
  readonly flowVersion: 0 | 1 | 2 | undefined;
}
