// What a sealed Frame is to those that send it: the octets of one Message.

/** Where `address` is not known. */
export const unknownAddress = 0;

/** A Message whose Sets are complete; its header is written when it is handed over. */
export interface Message {
  readonly buffer: Buffer;
  /** Where it begins there, and how many octets it has. */
  readonly start: number;
  readonly length: number;
  /** Data Records in it. */
  readonly records: number;
  /** Where it begins in memory, as a Sender that needs it found it; it never moves. */
  address: number;
}
