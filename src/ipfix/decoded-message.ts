// What the Decoder makes of one IPFIX Message. Types only.

import type { InformationElement } from './information-element.ts';

/** null stands for octets that no value of the type has, such as a boolean 3 or broken UTF-8. */
export type Scalar = number | bigint | boolean | string | null;

/** Numbers, or bigints past 2^53; text as RFC 7373 writes it; lists (RFC 6313) as what is in them. */
export type Value = Scalar | ListValue;

export type ListValue =
  BasicListValue | SubTemplateListValue | SubTemplateMultiListValue | UnreadList;

export interface BasicListValue {
  readonly type: 'basicList';
  /** By IANA's number; `semanticName` has their names. */
  readonly semantic: number;
  readonly element: InformationElement;
  readonly values: readonly Value[];
}

export interface SubTemplateListValue extends ListPart {
  readonly type: 'subTemplateList';
  readonly semantic: number;
}

export interface SubTemplateMultiListValue {
  readonly type: 'subTemplateMultiList';
  readonly semantic: number;
  readonly parts: readonly ListPart[];
}

/** The Data Records of one Template in a list. */
export interface ListPart {
  readonly templateId: number;
  readonly records: readonly DecodedRecord[];
  /** Where the Template is not known: what would be the records, a view into the datagram. */
  readonly octets: Uint8Array | undefined;
}

/** What is not a well-formed list, or lies too deep in others. Its record is whole for all that. */
export interface UnreadList {
  readonly type: 'unread';
  readonly fault: string;
  /** A view into the datagram. */
  readonly octets: Uint8Array;
}

export interface DecodedField {
  readonly element: InformationElement;
  /** 65535 for a variable length. */
  readonly length: number;
  readonly scope: boolean;
}

export interface DecodedTemplate {
  readonly templateId: number;
  /** An Options Template: its first fields are Scope Fields. */
  readonly options: boolean;
  readonly fields: readonly DecodedField[];
  /** Fewest octets a Data Record of it can have; never 0. */
  readonly octetsMin: number;
  /** Whether any field is of variable length; if not, every record has `octetsMin` octets. */
  readonly variable: boolean;
}

export interface DecodedValue {
  readonly element: InformationElement;
  readonly value: Value;
}

export interface DecodedRecord {
  readonly templateId: number;
  /** Described by an Options Template. */
  readonly options: boolean;
  /** In the Template's order; an element may come more than once. */
  readonly values: readonly DecodedValue[];
}

/** A Data Set without a Template, or a Set ID that RFC 7011 reserves. */
export interface UnknownSet {
  readonly setId: number;
  /** The Set without its header: a view into the datagram. */
  readonly octets: Uint8Array;
}

export interface DecodedMessage {
  /** Seconds since 1970. */
  readonly exportTime: number;
  readonly sequenceNumber: number;
  readonly observationDomainId: number;
  readonly length: number;
  /** Every Template and Options Template Record in the Message, new or sent again. */
  readonly templates: readonly DecodedTemplate[];
  /** Template IDs withdrawn (2 and 3: all of the kind), obeyed or not. */
  readonly withdrawals: readonly number[];
  /** Empty when the Decoder only counts. */
  readonly records: readonly DecodedRecord[];
  /** What the Sequence Number counts: all Data Records, those of Options Templates included. */
  readonly dataRecordCount: number;
  readonly optionsRecordCount: number;
  readonly unknownSets: readonly UnknownSet[];
  /** Padding in Data Sets. */
  readonly paddingOctets: number;
}
