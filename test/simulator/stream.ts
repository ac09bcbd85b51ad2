// What one process handed to the kernel, datagram by datagram, held against RFC 7011 and the promise:
// which events left and when, which of them are suspect, whether Templates came first and Sequence
// Numbers fit.

import { Decoder } from '../../src/ipfix/decoder.ts';

/** One Message with Data Records that the kernel took. */
export interface Handed {
  readonly ids: readonly number[];
  readonly atMs: number;
  /** A refusal came within its window: it does not count. */
  isSuspect: boolean;
}

export interface StreamOptions {
  readonly name: string;
  readonly windowMs: number;
  readonly nowMs: () => number;
  readonly onHanded: (handed: Handed, isFirst: boolean) => void;
  readonly onFault: (fault: string) => void;
}

export class Stream {
  readonly #options: StreamOptions;
  readonly #decoder = new Decoder();
  /** Not yet out of their window. */
  #recent: Handed[] = [];
  /** The first event of a Message → the Message's Sequence Number and length. */
  readonly #numbers = new Map<number, { sequenceNumber: number; count: number }>();
  #recordsInAll = 0;
  /** Template IDs told since the last refusal. */
  readonly #told = new Set<number>();
  #refusals = 0;

  constructor(options: StreamOptions) {
    this.#options = options;
  }

  /** A call begins: what is refused meanwhile, it could not know. */
  attempt(): number {
    return this.#refusals;
  }

  /** An answer has come to this host that says: nobody listens there. */
  suspect(): void {
    const nowMs = this.#options.nowMs();
    for (const handed of this.#recent) {
      if (nowMs - handed.atMs <= this.#options.windowMs) handed.isSuspect = true;
    }
  }

  /** The process was told of it. */
  refused(): void {
    this.#refusals += 1;
    this.#told.clear();
  }

  taken(octets: Buffer, attempt: number): void {
    const { onFault, onHanded, name } = this.#options;
    const nowMs = this.#options.nowMs();
    const message = this.#decoder.decode(octets, name);
    const setId = octets.readUInt16BE(16);
    const { sequenceNumber } = message;
    if (setId === 2) {
      for (const { templateId } of message.templates) this.#told.add(templateId);
      if (sequenceNumber > this.#recordsInAll) {
        onFault(`${name}: Templates with a Sequence Number that was not reached`);
      }
      return;
    }
    if (message.unknownSets.length > 0) onFault(`${name}: data of a Template never told`);
    if (attempt === this.#refusals && !this.#told.has(setId)) {
      onFault(`${name}: data before its Template ${setId}, told anew after a refusal`);
    }
    const ids = message.records.map(({ values }) =>
      Number(values.find(({ element }) => element.name === 'flowId')?.value),
    );
    const first = ids[0];
    if (first === undefined) {
      onFault(`${name}: a Data Set without a record`);
      return;
    }
    const known = this.#numbers.get(first);
    // With its old number it is sent again; else it is a Message of its own, painted anew perhaps.
    const isAgain = known?.sequenceNumber === sequenceNumber && known.count === ids.length;
    if (!isAgain) {
      if (sequenceNumber !== this.#recordsInAll) {
        const due = this.#recordsInAll;
        onFault(`${name}: Sequence Number ${sequenceNumber}, and ${due} is due`);
      }
      this.#numbers.set(first, { sequenceNumber, count: ids.length });
      this.#recordsInAll = sequenceNumber + ids.length;
    }
    const handed: Handed = { ids, atMs: nowMs, isSuspect: false };
    this.#recent = this.#recent.filter(({ atMs }) => nowMs - atMs <= this.#options.windowMs);
    this.#recent.push(handed);
    onHanded(handed, !isAgain);
  }
}
