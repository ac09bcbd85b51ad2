// The Message Header and Set Headers of RFC 7011, written into a buffer the caller owns.
// No clock and no counter here: Export Time and Sequence Number are arguments.

// RFC 7011 §3.1
//   Message => version length export_time sequence_number observation_domain_id [Set]
//   version => unsigned16, always 10
//   length  => unsigned16, this header included
//   export_time => unsigned32, seconds since 1970 mod 2^32, when the header leaves
//   sequence_number => unsigned32, Data Records sent before this Message, mod 2^32
//   observation_domain_id => unsigned32
export const messageHeaderOctets = 16;

// RFC 7011 §3.3.2
//   Set => set_id length [Record]
//   set_id => unsigned16: 2 Template Set, 3 Options Template Set, 256 and above Data Set
//   length => unsigned16, this header included
export const setHeaderOctets = 4;

/** Where the first record of a Message begins that has one Set before anything else. */
export const firstRecordAt = messageHeaderOctets + setHeaderOctets;

export const templateSetId = 2;
export const optionsTemplateSetId = 3;

const version = 10;
const exportTimeAt = 4;

/**
 * Writes a Message Header into `target`, at its beginning where `at` is not given.
 * `exportTimeS` is in seconds since 1970; it and `sequenceNumber` are taken mod 2^32.
 */
export function writeMessageHeader(
  target: Buffer,
  length: number,
  exportTimeS: number,
  sequenceNumber: number,
  observationDomainId: number,
  at = 0,
): void {
  target.writeUInt16BE(version, at);
  target.writeUInt16BE(length, at + 2);
  target.writeUInt32BE(exportTimeS >>> 0, at + exportTimeAt);
  target.writeUInt32BE(sequenceNumber >>> 0, at + 8);
  target.writeUInt32BE(observationDomainId, at + 12);
}

/** Writes a Set Header at `at`; `length` counts the header's own four octets. */
export function writeSetHeader(target: Buffer, at: number, setId: number, length: number): void {
  target.writeUInt16BE(setId, at);
  target.writeUInt16BE(length, at + 2);
}
