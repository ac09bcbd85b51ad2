// Datums in frames, written by hand.

/** Confluent wire format: 0x00, the id in 4 octets, the datum. */
export function confluent(id: number, datum: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.writeInt32BE(id, 1);
  return Buffer.concat([head, datum]);
}
