// What the Decoder makes of one IPFIX Message. Types only.

import type { DecodedRecord } from './decode-record.ts';
import type { DecodedTemplate } from './decode-template.ts';

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
  /** Template IDs withdrawn; ignored, as RFC 7011 §8.4 asks of collectors over UDP. */
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
