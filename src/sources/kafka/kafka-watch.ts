// What can be seen of a group member from outside: how far behind its partitions are, and whether a
// broker is heard of. It changes nothing of what the member does.

import type { Consumer } from 'kafkajs';
import { Pauses } from '../../pauses.ts';
import type { Origin } from '../delivery.ts';
import type { PartitionSeen } from '../source-snapshot.ts';
import type { PartitionStart } from './start-offsets.ts';

export interface KafkaWatchOptions {
  readonly origins: () => Iterable<Origin>;
  readonly committed: (origin: Origin) => number | undefined;
  /** The partitions' ends, by asking a broker. */
  readonly ends: (topic: string) => Promise<readonly PartitionEnd[]>;
  readonly nowMs?: () => number;
  readonly wallMs?: () => number;
}

export interface PartitionEnd {
  readonly partition: number;
  readonly high: string;
}

interface Reading {
  end: number;
  endAtMs: number;
  /** When the group was joined. */
  committed: number | undefined;
  lastTimestampMs: number;
}

/** A partition of which nothing is fetched, for example because of pressure, is asked about this often. */
const askEveryMs = 10_000;

export class KafkaWatch {
  /** Waiting for room in flight. */
  readonly pauses = new Pauses();
  problem: string | undefined;
  readonly #options: KafkaWatchOptions;
  readonly #readings = new WeakMap<Origin, Reading>();
  #heardAtMs: number;
  #asking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KafkaWatchOptions) {
    this.#options = options;
    this.#heardAtMs = this.#nowMs();
  }

  /** Listens to what kafkajs reports of the group, and begins to ask where nothing is fetched. */
  begin(consumer: Consumer): void {
    const { HEARTBEAT, FETCH, GROUP_JOIN, CRASH } = consumer.events;
    for (const event of [HEARTBEAT, FETCH, GROUP_JOIN] as const) {
      consumer.on(event, () => this.heard());
    }
    consumer.on(CRASH, ({ payload }) => (this.problem = payload.error.message));
    this.#timer = setInterval(() => void this.#ask(), askEveryMs).unref();
  }

  /** A broker answered. */
  heard(): void {
    this.#heardAtMs = this.#nowMs();
    this.problem = undefined;
  }

  joined(starts: readonly PartitionStart[]): void {
    for (const origin of this.#options.origins()) {
      const start = starts.find(
        (s) => s.topic === origin.topic && s.partition === origin.partition,
      );
      if (!start) continue;
      const reading = this.#reading(origin);
      reading.committed = start.offset;
      if (start.end !== undefined) this.#ended(reading, start.end);
    }
  }

  /** A batch came, and where its partition ended then. */
  fetched(origin: Origin, end: number): void {
    this.#ended(this.#reading(origin), end);
  }

  /** Events were handed on; the last one's time, where it has one. */
  delivered(origin: Origin, lastTimestampMs: number | undefined): void {
    this.#reading(origin).lastTimestampMs = lastTimestampMs ?? NaN;
  }

  get silentMs(): number {
    return this.#nowMs() - this.#heardAtMs;
  }

  partitions(): PartitionSeen[] {
    return Array.from(this.#options.origins(), (origin) => this.#seen(origin));
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #seen(origin: Origin): PartitionSeen {
    const { topic, partition } = origin;
    const reading = this.#readings.get(origin);
    const committed = this.#options.committed(origin) ?? reading?.committed;
    const end = reading?.end;
    if (!reading || end === undefined || committed === undefined) {
      const unknown = { lagRecords: undefined, lagSeconds: undefined, lagIsLowerBound: false };
      return { topic, partition, committed, end, ...unknown };
    }
    const lagRecords = Math.max(0, end - committed);
    return {
      topic,
      partition,
      committed,
      end,
      lagRecords,
      lagSeconds: this.#lagSeconds(lagRecords, reading),
      lagIsLowerBound: false,
    };
  }

  #lagSeconds(lagRecords: number, { lastTimestampMs }: Reading): number | undefined {
    if (lagRecords === 0) return 0;
    if (Number.isNaN(lastTimestampMs)) return undefined;
    return Math.max(0, (this.#wallMs() - lastTimestampMs) / 1000);
  }

  #reading(origin: Origin): Reading {
    let reading = this.#readings.get(origin);
    if (!reading) {
      reading = { end: 0, endAtMs: -Infinity, committed: undefined, lastTimestampMs: NaN };
      this.#readings.set(origin, reading);
    }
    return reading;
  }

  #ended(reading: Reading, end: number): void {
    reading.end = end;
    reading.endAtMs = this.#nowMs();
  }

  /** Asks for the ends of what was not fetched lately. A broker that is away is reported elsewhere. */
  async #ask(): Promise<void> {
    if (this.#asking || this.silentMs > askEveryMs) return;
    this.#asking = true;
    await this.#askForEnds();
    this.#asking = false;
  }

  async #askForEnds(): Promise<void> {
    const before = this.#nowMs() - askEveryMs;
    const due = [...this.#options.origins()].filter((o) => this.#reading(o).endAtMs <= before);
    for (const topic of new Set(due.map((origin) => origin.topic))) {
      try {
        const ends = await this.#options.ends(topic);
        for (const origin of due) {
          const found = ends.find(({ partition }) => partition === origin.partition);
          if (origin.topic === topic && found)
            this.#ended(this.#reading(origin), Number(found.high));
        }
      } catch {
        return;
      }
    }
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }

  #wallMs(): number {
    return this.#options.wallMs?.() ?? Date.now();
  }
}
