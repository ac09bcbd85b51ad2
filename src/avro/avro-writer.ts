// Octets of a datum as they are written (Avro specification, "Binary Encoding"). It knows no schema.

import { type AvroCursor, AvroDataError } from './avro-cursor.ts';

/** A default value for each of many items could make a small datum a huge one. */
const octetsMax = 64 * 1024 * 1024;
const octetsKept = 64 * 1024;

export class AvroWriter {
  /** Places in the datum that is read; whoever adds some takes them away again. */
  readonly marks: number[] = [];
  #octets = Buffer.allocUnsafeSlow(octetsKept);
  #length = 0;

  clear(): void {
    this.marks.length = 0;
    this.#length = 0;
    if (this.#octets.length > octetsKept) this.#octets = Buffer.allocUnsafeSlow(octetsKept);
  }

  /** A view that holds until `clear`. */
  written(): Buffer {
    return this.#octets.subarray(0, this.#length);
  }

  append(from: Buffer, start: number, end: number): void {
    this.#reserve(end - start);
    from.copy(this.#octets, this.#length, start, end);
    this.#length += end - start;
  }

  /** The next octets of a datum, which they are taken from. */
  copy(cursor: AvroCursor, count: number): void {
    const { at } = cursor;
    cursor.skip(count);
    this.append(cursor.bytes, at, cursor.at);
  }

  // int, long => zigzag number in groups of 7 bits, low ones first; the last octet has no top bit
  long(value: number | bigint): void {
    this.#reserve(10);
    if (value >= 0 && value < 64) {
      this.#octets[this.#length++] = Number(value) * 2;
      return;
    }
    let rest = BigInt.asUintN(64, (BigInt(value) << 1n) ^ (BigInt(value) >> 63n));
    for (; rest >= 0x80n; rest >>= 7n) {
      this.#octets[this.#length++] = Number(rest & 0x7fn) | 0x80;
    }
    this.#octets[this.#length++] = Number(rest);
  }

  float(value: number): void {
    this.#reserve(4);
    this.#length = this.#octets.writeFloatLE(value, this.#length);
  }

  double(value: number): void {
    this.#reserve(8);
    this.#length = this.#octets.writeDoubleLE(value, this.#length);
  }

  #reserve(more: number): void {
    const needed = this.#length + more;
    if (needed <= this.#octets.length) return;
    if (needed > octetsMax) {
      throw new AvroDataError('', `more than ${octetsMax} octets after schema resolution`);
    }
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#octets.length));
    this.#octets.copy(larger, 0, 0, this.#length);
    this.#octets = larger;
  }
}
