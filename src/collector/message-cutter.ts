// An IPFIX File (RFC 5655) cut into Messages as its octets come. Where something else stands, its
// place is reported, and reading continues at the next Message that another one, or the end, follows.

/** A whole Message, or octets that are none. */
export type FilePart =
  | { readonly kind: 'message'; readonly at: number; readonly octets: Buffer }
  | {
      readonly kind: 'fault';
      /** Octets from the beginning of the file. */
      readonly at: number;
      readonly length: number;
      readonly problem: string;
    };

const headerOctets = 16;
const version = Buffer.from([0, 10]);

export class MessageCutter {
  #rest: Buffer = Buffer.alloc(0);
  /** Where in the file `#rest` begins. */
  #at = 0;
  /** Where what is skipped begins, and why; undefined while all is well. */
  #fault: { readonly at: number; readonly problem: string } | undefined;

  /** The parts that are whole with these octets. Their octets are views into what was given. */
  push(octets: Buffer): FilePart[] {
    this.#rest = this.#rest.length === 0 ? octets : Buffer.concat([this.#rest, octets]);
    return this.#parts(false);
  }

  /** No more octets come: what is left is a fault. */
  end(): FilePart[] {
    const parts = this.#parts(true);
    const { length } = this.#rest;
    if (length > 0 || this.#fault) {
      const cut = { at: this.#at, problem: endProblem(this.#rest) };
      const { at, problem } = this.#fault ?? cut;
      this.#skip(length);
      parts.push({ kind: 'fault', at, length: this.#at - at, problem });
      this.#fault = undefined;
    }
    return parts;
  }

  #parts(ended: boolean): FilePart[] {
    const parts: FilePart[] = [];
    for (;;) {
      if (this.#fault) {
        const found = this.#findAgain(ended);
        if (!found) return parts;
        const { at, problem } = this.#fault;
        parts.push({ kind: 'fault', at, length: this.#at - at, problem });
        this.#fault = undefined;
      }
      const { length } = this.#rest;
      if (length < headerOctets && !(length >= 2 && problemOf(this.#rest))) return parts;
      const problem = problemOf(this.#rest);
      if (problem !== undefined) {
        this.#fault = { at: this.#at, problem };
        this.#skip(1);
        continue;
      }
      const messageLength = this.#rest.readUInt16BE(2);
      if (length < messageLength) return parts;
      const octets = this.#rest.subarray(0, messageLength);
      parts.push({ kind: 'message', at: this.#at, octets });
      this.#skip(messageLength);
    }
  }

  // RFC 5655 §10.3: a candidate is a Message where the next one, or the end, follows upon it.
  #findAgain(ended: boolean): boolean {
    for (;;) {
      const candidate = this.#rest.indexOf(version);
      // The last octet may be the first of a Version.
      this.#skip(candidate < 0 ? Math.max(0, this.#rest.length - 1) : candidate);
      if (candidate < 0 || this.#rest.length < 4) return false;
      const length = this.#rest.readUInt16BE(2);
      const next = this.#rest.subarray(length, length + 2);
      if (length >= headerOctets && next.length < 2 && !ended) return false;
      const isEnd = ended && this.#rest.length === length;
      if (length >= headerOctets && (isEnd || next.equals(version))) return true;
      this.#skip(2);
    }
  }

  #skip(octets: number): void {
    this.#rest = this.#rest.subarray(octets);
    this.#at += octets;
  }
}

/** What is wrong with a Message Header, as far as it has come. */
function problemOf(header: Buffer): string | undefined {
  const packed = packers.find(({ magic }) => header.subarray(0, magic.length).equals(magic));
  if (packed)
    return `it is compressed; read it as ${packed.by} FILE | kafka2ipfix collect --read -`;
  const found = header.readUInt16BE(0);
  if (found !== 10) return `this is not the beginning of a Message: Version is ${found}, not 10`;
  if (header.length < 4) return undefined;
  const length = header.readUInt16BE(2);
  return length < headerOctets
    ? `a Message's Length is ${length}, less than its header`
    : undefined;
}

// RFC 5655 §10.2
const packers = [
  { magic: Buffer.from([0x1f, 0x8b]), by: 'gunzip -c' },
  { magic: Buffer.from('BZh'), by: 'bunzip2 -c' },
];

function endProblem(rest: Buffer): string {
  const length = rest.length < 4 ? undefined : rest.readUInt16BE(2);
  const whole = length === undefined ? '' : ` of ${length}`;
  return `the file ends inside a Message: ${rest.length}${whole} octets are there`;
}
