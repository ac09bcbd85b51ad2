// Which flow events a collector has received, by their flowId, and seconds between updates. Reads what Recorders
// have recorded and lets go of it, so that millions of events fit.

import { Decoder, type DecodedMessage } from '../../../src/ipfix/decoder.ts';
import { type SequenceCounts, SequenceTracker } from '../../../src/ipfix/sequence-tracker.ts';
import type { Recorder } from '../fakes/recorder.ts';

export class ReceivedFlows {
  /** Data Sets that came before their Template. */
  unknownSets = 0;
  /** Events that had been received before. */
  repeated = 0;
  unique = 0;
  /** Called with each flowId that had not been received before, in the order of arrival. */
  onFirst: (flowId: number) => void = () => undefined;
  readonly #recorders: { recorder: Recorder; decoder: Decoder }[] = [];
  readonly #sequence = new SequenceTracker();
  /** Events received in each tenth of a second, and the last of them. */
  readonly #inTenth = new Map<number, number>();
  #lastTenth = 0;
  #timesReceived = new Uint8Array(2 ** 20);

  constructor(...recorders: Recorder[]) {
    for (const recorder of recorders) this.add(recorder);
  }

  /** A further Recorder knows no Templates, as a collector that was started anew. */
  add(recorder: Recorder): void {
    this.#recorders.push({ recorder, decoder: new Decoder() });
  }

  /** Takes in what the Recorders have recorded since the last time. */
  update(): this {
    for (const { recorder, decoder } of this.#recorders) {
      for (const { octets, atMs, address, port } of recorder.datagrams.splice(0)) {
        const session = `${address}:${port}`;
        const message = decoder.decode(octets, session);
        this.#sequence.observe(message, session);
        this.#count(message);
        if (message.records.length === 0) continue;
        this.#lastTenth = Math.floor(atMs / 100);
        const before = this.#inTenth.get(this.#lastTenth) ?? 0;
        this.#inTenth.set(this.#lastTenth, before + message.records.length);
      }
    }
    return this;
  }

  has(flowId: number): boolean {
    return (this.#timesReceived[flowId] ?? 0) > 0;
  }

  /** Of the ids from `first` to `last`, those that were not received. */
  missing(first: number, last: number): number[] {
    const missing: number[] = [];
    for (let id = first; id <= last; id++) if (!this.has(id)) missing.push(id);
    return missing;
  }

  /** Events received in so many seconds before the last one, up to a tenth more. */
  inLast(seconds: number): number {
    let events = 0;
    for (let tenth = 0; tenth <= Math.round(seconds * 10); tenth++) {
      events += this.#inTenth.get(this.#lastTenth - tenth) ?? 0;
    }
    return events;
  }

  sequence(): SequenceCounts {
    return this.#sequence.totals();
  }

  #count({ records, unknownSets }: DecodedMessage): void {
    this.unknownSets += unknownSets.length;
    for (const { values } of records) {
      const id = values.find(({ element }) => element.name === 'flowId')?.value;
      if (typeof id !== 'number' && typeof id !== 'bigint')
        throw new Error('a record has no flowId');
      this.#countId(Number(id));
    }
  }

  #countId(id: number): void {
    if (id >= this.#timesReceived.length) {
      const grown = new Uint8Array(Math.max(id + 1, this.#timesReceived.length * 2));
      grown.set(this.#timesReceived);
      this.#timesReceived = grown;
    }
    const times = this.#timesReceived[id]!;
    if (times > 0) this.repeated += 1;
    else {
      this.unique += 1;
      this.onFirst(id);
    }
    this.#timesReceived[id] = Math.min(times + 1, 255);
  }
}
