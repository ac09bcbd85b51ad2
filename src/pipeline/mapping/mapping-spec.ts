// What may be said about a mapping: in MAPPING_FILE, in a preset, or in an "ipfix" attribute of an
// Avro schema. Types only; it is read by mapping-file.ts and bound to a schema by mapping.ts.

import type { AbstractType } from '../../ipfix/information-element.ts';

export const timeUnits = ['s', 'ms', 'us', 'ns'] as const;
export type TimeUnit = (typeof timeUnits)[number];

export const numberBases = [2, 8, 10, 16] as const;
export type NumberBase = (typeof numberBases)[number];

export const byteOrders = ['big', 'little'] as const;
export type ByteOrder = (typeof byteOrders)[number];

/** A value as JSON and YAML write it; `null` in a list of values is Avro's null. */
export type SpecValue = string | number | boolean | null;

/**
 * One Information Element that a field fills, and how. A path names a field of the Avro schema, as
 * `source.ip`, `labels.zone` (a map's key) or `interfaces.0` (an array's item); or a source beside the value:
 * `$key`, `$header.NAME`, `$timestamp`, `$topic`, `$partition`, `$offset`, `$record` (the Avro record's
 * name), `$constant`.
 */
export interface ElementSpec {
  /** IANA's name, a pair's (`sourceAddress`), `reverse…`, or `PEN/id`. "drop" fills nothing. */
  readonly element: string;
  /** For `PEN/id`: the abstract type and a human-readable name. */
  readonly type?: AbstractType;
  readonly name?: string;
  /** Octets: a reduced size (RFC 7011 §6.2), or a fixed length for string and octetArray. */
  readonly length?: number;
  /**
   * What the number counts, also a number in text: a unit of time, or bits where the element counts
   * octets.
   */
  readonly unit?: TimeUnit | 'bits';
  /** The base of whole numbers in text; with 16 a text fills an octetArray as hexadecimal octets. */
  readonly base?: NumberBase;
  /** An int or long holds the bits of an unsigned number: two's complement in the type's width. */
  readonly unsigned?: true;
  /** Of an IPv4 address in an int or long: `big` is network order, `little` the reverse. */
  readonly byteOrder?: ByteOrder;
  /** How a text says a time. */
  readonly format?: 'iso8601' | 'datetime' | 'epoch';
  /** For times without a zone of their own: `UTC`, `+02:00`, `Europe/Zurich`. */
  readonly zone?: string;
  /** How octets beside the value (`$key`, `$header.…`) are read; text by default. */
  readonly as?: 'text' | 'octets' | 'json';
  /** For `$constant`. */
  readonly value?: SpecValue;
  /** What null becomes: "omit" (default), "unknown" (the element's own value for it), or a value. */
  readonly null?: SpecValue;
  /** Values of the field that mean null. */
  readonly nullValues?: readonly SpecValue[];
  /** Fields of one group are expected to be null together. */
  readonly group?: string;
  /** Several → one: the field's value × `times` + the value of the field `plus`. */
  readonly times?: number;
  /** A path; for times, a duration in `plusUnit` after the field's time. */
  readonly plus?: string;
  readonly plusUnit?: TimeUnit;
  /** Paths whose value stands in, in this order, where the field's is null. */
  readonly fallback?: readonly string[];
  /** What texts and enum symbols stand for; null: the value is absent. */
  readonly symbols?: Readonly<Record<string, SpecValue>>;
  /** For basicList (RFC 6313): the element that its items are, and what the list means. */
  readonly of?: string;
  readonly semantic?: 'noneOf' | 'exactlyOneOf' | 'oneOrMoreOf' | 'allOf' | 'ordered' | 'undefined';
  /** The schema may lack the field: then it is null. */
  readonly optional?: boolean;
}

/** One element, or several out of one field; a bare word is an element's name, or "drop". */
export type FieldSpec = string | ElementSpec | readonly (string | ElementSpec)[];

/** Drops events, counted under `reason`. `field` is a path as above. */
export interface RuleSpec {
  readonly reason: string;
  readonly field: string;
  readonly is: readonly SpecValue[];
  /** The schema may lack the field: then it is null. */
  readonly optional?: boolean;
}

/** What is said of one topic's events. */
export interface TopicMapping {
  /** Names of presets, the earlier ones first. What is said beside them wins over them. */
  readonly preset?: readonly string[];
  /** As in AVRO_FRAMING. */
  readonly framing?: string;
  /** File of the writer schema for bare datums, and of the reader schema. */
  readonly schema?: string;
  readonly readerSchema?: string;
  /** The registry's subject for `validate`. */
  readonly subject?: string;
  /** Path of the array whose items are the events. */
  readonly events?: string;
  /** Default of `zone` for all fields. */
  readonly zone?: string;
  /** Values that mean null in every field of that kind. */
  readonly nullValues?: readonly SpecValue[];
  /** What becomes of IPv4 addresses in IPv6 form (::ffff:0:0/96): `ipv4` by default. */
  readonly ipv4Mapped?: 'ipv4' | 'ipv6';
  /** Counters are multiplied by the sampling rate already: rates are not exported. */
  readonly samplingApplied?: boolean;
  /** Events with two directions: two Data Records, one with reverse elements, or the forward one. */
  readonly biflow?: 'split' | 'reverse' | 'forward';
  /** Fields not listed: by their attributes and names, or not at all. */
  readonly unlisted?: 'map' | 'ignore';
  /** By path, in the order of the Template. */
  readonly fields?: Readonly<Record<string, FieldSpec>>;
  /** An event is dropped when the field is one of the values. */
  readonly skip?: readonly RuleSpec[];
  /** An event is dropped when the field is none of the values. */
  readonly keep?: readonly RuleSpec[];
}

/** A built-in mapping, and where its facts were read. */
export interface Preset {
  readonly name: string;
  /** A producer's framing, markers and forms; or only a set of names that many topics use. */
  readonly kind: 'producer' | 'names';
  readonly title: string;
  readonly sources: readonly { repository: string; path: string; commit: string }[];
  /** All fields are optional; their paths are matched ignoring case, `_` and `-`. */
  readonly mapping: TopicMapping;
}
