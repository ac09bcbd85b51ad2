// What the Decoder makes of one IPFIX Message. Types only.

import type { InformationElement } from './information-element.ts';

/**
 * A value that is not a list: integers as number, or bigint above 2^53; addresses, times and octetArray as
 * text in the form of RFC 7373; null for octets that are not a value of the type, such as a boolean 3.
 */
export type Scalar = number | bigint | boolean | string | null;

/** The value of a field: a scalar, or a list (RFC 6313). */
export type Value = Scalar | ListValue;

/** A list (RFC 6313), or the octets of a malformed one. */
export type ListValue =
  BasicListValue | SubTemplateListValue | SubTemplateMultiListValue | UnreadList;

/** A basicList: values of one element (RFC 6313 §4.5.1). */
export interface BasicListValue {
  readonly type: 'basicList';
  /** IANA's number of the semantic; `semanticName` returns its name. */
  readonly semantic: number;
  readonly element: InformationElement;
  readonly values: readonly Value[];
}

/** A subTemplateList: Data Records of one Template (RFC 6313 §4.5.2). */
export interface SubTemplateListValue extends ListPart {
  readonly type: 'subTemplateList';
  readonly semantic: number;
}

/** A subTemplateMultiList: Data Records of several Templates (RFC 6313 §4.5.3). */
export interface SubTemplateMultiListValue {
  readonly type: 'subTemplateMultiList';
  readonly semantic: number;
  readonly parts: readonly ListPart[];
}

/** The Data Records of one Template in a list. */
export interface ListPart {
  readonly templateId: number;
  readonly records: readonly DecodedRecord[];
  /** The octets of the records if the Template is unknown: a view into the datagram. */
  readonly octets: Uint8Array | undefined;
}

/** A malformed or too deeply nested list. The other values of its record are valid. */
export interface UnreadList {
  readonly type: 'unread';
  readonly fault: string;
  /** A view into the datagram. */
  readonly octets: Uint8Array;
}

/** A Field Specifier of a Template (RFC 7011 §3.2). */
export interface DecodedField {
  readonly element: InformationElement;
  /** Octets of each value; 65535 stands for a variable length. */
  readonly length: number;
  /** Whether it is a Scope Field of an Options Template. */
  readonly scope: boolean;
}

/** A Template or Options Template (RFC 7011 §3.4). */
export interface DecodedTemplate {
  readonly templateId: number;
  /** An Options Template: its first fields are Scope Fields. */
  readonly options: boolean;
  readonly fields: readonly DecodedField[];
  /** Minimum length of a Data Record in octets; never 0. */
  readonly octetsMin: number;
  /** Whether any field is of variable length; if not, every record has `octetsMin` octets. */
  readonly variable: boolean;
}

/** A value with its element. */
export interface DecodedValue {
  readonly element: InformationElement;
  readonly value: Value;
}

/** A Data Record (RFC 7011 §3.4.3). */
export interface DecodedRecord {
  readonly templateId: number;
  /** Described by an Options Template. */
  readonly options: boolean;
  /** The values in the order of the Template; an element may occur more than once. */
  readonly values: readonly DecodedValue[];
}

/** A Data Set without a Template, or a Set ID that RFC 7011 reserves. */
export interface UnknownSet {
  readonly setId: number;
  /** The Set without its header: a view into the datagram. */
  readonly octets: Uint8Array;
}

/** The result of Decoder.decode: the Message Header, the Sets, and counts. */
export interface DecodedMessage {
  /** Export Time in seconds since 1970. */
  readonly exportTime: number;
  readonly sequenceNumber: number;
  readonly observationDomainId: number;
  readonly length: number;
  /** Every Template and Options Template Record in the Message, new or sent again. */
  readonly templates: readonly DecodedTemplate[];
  /** Template IDs that the Message withdraws (2 and 3: all of a kind), whether or not this is obeyed. */
  readonly withdrawals: readonly number[];
  /** The Data Records; empty with the option `values: false`. */
  readonly records: readonly DecodedRecord[];
  /** All Data Records, including those of Options Templates: what the Sequence Number counts. */
  readonly dataRecordCount: number;
  readonly optionsRecordCount: number;
  readonly unknownSets: readonly UnknownSet[];
  /** Octets of padding in Data Sets. */
  readonly paddingOctets: number;
}
