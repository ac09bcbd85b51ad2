// Kafka's variable-length integers, zigzag: 7 bits in each octet, low ones first, the last without its
// top bit. Octets past the end read as if they never ended, and so throw.

import { CorruptBatchError } from './corrupt-batch.ts';

export class VarintReader {
  octets: Buffer = Buffer.alloc(0);
  at = 0;

  int(): number {
    const octet = this.octets[this.at]!;
    if (!(octet < 0x80)) return this.#longInt();
    this.at += 1;
    return (octet >>> 1) ^ -(octet & 1);
  }

  /** A number in place of 64 bits: exact up to 2^52, which times and their differences stay below. */
  long(): number {
    const octet = this.octets[this.at]!;
    if (!(octet < 0x80)) return this.#longLong();
    this.at += 1;
    return (octet >>> 1) ^ -(octet & 1);
  }

  /** Octets with their length before them; a view. A length of -1 is null. */
  bytes(): Buffer | null {
    const length = this.int();
    if (length < 0) return null;
    this.at += length;
    return this.octets.subarray(this.at - length, this.at);
  }

  /** Goes past octets that may be null. */
  pass(): void {
    const length = this.int();
    if (length < -1) throw new CorruptBatchError('a length below -1');
    if (length > 0) this.at += length;
  }

  #longInt(): number {
    let value = 0;
    for (let shift = 0; shift < 35; shift += 7) {
      const octet = this.octets[this.at]!;
      this.at += 1;
      value |= (octet & 0x7f) << shift;
      if (octet < 0x80) return (value >>> 1) ^ -(value & 1);
    }
    throw new CorruptBatchError('a varint of more than 5 octets');
  }

  #longLong(): number {
    let value = 0;
    for (let scale = 1; scale <= 2 ** 63; scale *= 128) {
      const octet = this.octets[this.at]!;
      this.at += 1;
      value += (octet & 0x7f) * scale;
      if (octet < 0x80) return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
    }
    throw new CorruptBatchError('a varlong of more than 10 octets');
  }
}
