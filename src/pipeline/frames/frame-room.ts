// Where the octets of Frames lie. A Worker has thousands of Frames in flight, and by the time one comes
// back the processor has forgotten it: what describes its octets is shared by many, so that it is not
// fetched from memory for each Message.

export interface FrameRoom {
  readonly buffer: Buffer;
  /** The same octets. */
  readonly view: DataView;
  /** Where those of one Frame begin. */
  readonly start: number;
  readonly octets: number;
}

/** Octets of a Frame that has nothing to do with others. */
export function roomAlone(octets: number): FrameRoom {
  const buffer = Buffer.alloc(octets);
  return { buffer, view: viewOf(buffer), start: 0, octets };
}

const sharedOctets = 2 ** 18;

/** Gives rooms of `octets` each out of larger pieces of memory; none is taken back. */
export class FrameRooms {
  readonly #octets: number;
  #buffer = Buffer.alloc(0);
  #view = viewOf(this.#buffer);
  #at = 0;

  constructor(octets: number) {
    this.#octets = octets;
  }

  next(): FrameRoom {
    const octets = this.#octets;
    if (this.#at + octets > this.#buffer.length) {
      // Memory that nothing was written to yet costs nothing.
      this.#buffer = Buffer.alloc(Math.max(octets, sharedOctets));
      this.#view = viewOf(this.#buffer);
      this.#at = 0;
    }
    const start = this.#at;
    this.#at += octets;
    return { buffer: this.#buffer, view: this.#view, start, octets };
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
