// What can be seen of a group member from outside: how far behind its partitions are, in records and in
// time. It changes nothing of what the member does.

import type { Consumer } from 'kafkajs';
import { Pauses } from '../../pauses.ts';
import type { Origin } from '../delivery.ts';
import type { PartitionSeen } from '../source-snapshot.ts';
import type { Contact } from './broker-contact.ts';
import { RecordTimes } from './record-times.ts';
import type { PartitionStart } from './start-offsets.ts';

export interface KafkaWatchOptions {
  readonly origins: () => Iterable<Origin>;
  readonly committed: (origin: Origin) => number | undefined;
  /** The partitions' ends, by asking a broker. */
  readonly ends: (topic: string) => Promise<readonly PartitionEnd[]>;
  /** After how many milliseconds Kafka may remove a record of the topic. */
  readonly retentionMs: (topic: string) => Promise<number>;
  readonly contact: Pick<Contact, 'away' | 'silentMs'>;
  readonly nowMs?: () => number;
  readonly wallMs?: () => number;
}

export interface PartitionEnd {
  readonly partition: number;
  readonly high: string;
}

/** A run of records that was handed on, by offsets; the times are undefined where the records have none. */
export interface DeliveredSpan {
  readonly offset: number;
  readonly nextOffset: number;
  readonly timeMs: number | undefined;
  readonly lastTimeMs: number | undefined;
}

interface Reading {
  end: number;
  endAtMs: number;
  /** When the group was joined. */
  committed: number | undefined;
  /** The offset after the last record that was handed on. */
  next: number;
  /** Since when it is known that there are records which were not handed on. */
  unreadSinceMs: number | undefined;
  readonly times: RecordTimes;
  hasTimes: boolean;
}

/** A partition of which nothing is fetched, for example because of pressure, is asked about this often. */
const askEveryMs = 10_000;
/** How long Kafka keeps records is of interest where some wait, and it is asked again in case it was changed. */
const waitsS = 30;
const askRetentionEveryMs = 600_000;
/** A member hears of a broker each second. */
const silentMaxMs = 5_000;

export class KafkaWatch {
  /** Waiting for room in flight. */
  readonly pauses = new Pauses();
  problem: string | undefined;
  readonly #options: KafkaWatchOptions;
  readonly #readings = new WeakMap<Origin, Reading>();
  readonly #retentions = new Map<string, { readonly askedAtMs: number; ms: number | undefined }>();
  #asking = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: KafkaWatchOptions) {
    this.#options = options;
  }

  /** Listens to what kafkajs reports of the group, and begins to ask where nothing is fetched. */
  begin(consumer: Consumer): void {
    const { HEARTBEAT, FETCH, GROUP_JOIN, CRASH } = consumer.events;
    for (const event of [HEARTBEAT, FETCH, GROUP_JOIN] as const) {
      consumer.on(event, () => (this.problem = undefined));
    }
    consumer.on(CRASH, ({ payload }) => (this.problem = payload.error.message));
    this.#timer = setInterval(() => void this.#ask(), askEveryMs).unref();
  }

  joined(starts: readonly PartitionStart[]): void {
    for (const origin of this.#options.origins()) {
      const start = starts.find(
        (s) => s.topic === origin.topic && s.partition === origin.partition,
      );
      if (!start) continue;
      const reading = this.#reading(origin);
      reading.committed = start.offset;
      reading.next = Math.max(reading.next, start.offset ?? 0);
      if (start.end !== undefined) this.#ended(reading, start.end);
    }
  }

  /** A batch came, and where its partition ended then. */
  fetched(origin: Origin, end: number): void {
    this.#ended(this.#reading(origin), end);
  }

  /** Events were handed on; the times are those of the first one and the last one, in ms since 1970. */
  delivered(origin: Origin, { offset, nextOffset, timeMs, lastTimeMs }: DeliveredSpan): void {
    const reading = this.#reading(origin);
    const committed = this.#committedOf(origin, reading);
    // A record without a time is at least as old as this moment.
    reading.hasTimes = timeMs !== undefined;
    reading.times.add(offset, timeMs ?? this.#wallMs(), committed ?? 0);
    reading.times.end(nextOffset - 1, lastTimeMs ?? this.#wallMs());
    reading.next = nextOffset;
    if (reading.next >= reading.end) reading.unreadSinceMs = undefined;
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
    const committed = this.#committedOf(origin, reading);
    const end = reading?.end;
    if (!reading || end === undefined || committed === undefined) {
      const unknown = { lagRecords: undefined, lagSeconds: undefined, lagIsLowerBound: false };
      return { topic, partition, committed, end, ...unknown };
    }
    const lagRecords = Math.max(0, end - committed);
    const lag = { lagRecords, ...this.#lagInTime(committed, reading) };
    const retentionMs = this.#retentions.get(topic)?.ms;
    return { topic, partition, committed, end, ...lag, retentionMs };
  }

  #committedOf(origin: Origin, reading: Reading | undefined): number | undefined {
    return this.#options.committed(origin) ?? reading?.committed;
  }

  /** While the brokers are silent there may be records that nobody here knows of. */
  #lagInTime(committed: number, { end, next, times, hasTimes, unreadSinceMs }: Reading) {
    const { contact } = this.#options;
    const isSilent = contact.away !== undefined || contact.silentMs > silentMaxMs;
    if (end <= committed && next <= committed) return { lagSeconds: 0, lagIsLowerBound: isSilent };
    const timeMs = times.at(committed);
    if (timeMs !== undefined) {
      const lagSeconds = Math.max(0, (this.#wallMs() - timeMs) / 1000);
      return { lagSeconds, lagIsLowerBound: isSilent || !hasTimes };
    }
    // Nothing is in flight: the next record was there when the partition's end was seen to be after it.
    const sinceMs = unreadSinceMs ?? this.#nowMs();
    return { lagSeconds: (this.#nowMs() - sinceMs) / 1000, lagIsLowerBound: true };
  }

  #reading(origin: Origin): Reading {
    let reading = this.#readings.get(origin);
    if (!reading) {
      reading = {
        ...{ end: 0, endAtMs: -Infinity, committed: undefined, next: 0, unreadSinceMs: undefined },
        ...{ times: new RecordTimes(), hasTimes: true },
      };
      this.#readings.set(origin, reading);
    }
    return reading;
  }

  #ended(reading: Reading, end: number): void {
    reading.end = end;
    reading.endAtMs = this.#nowMs();
    if (end > reading.next) reading.unreadSinceMs ??= reading.endAtMs;
  }

  /** Asks for the ends of what was not fetched lately. A broker that is away is reported elsewhere. */
  async #ask(): Promise<void> {
    if (this.#asking || this.#options.contact.silentMs > askEveryMs) return;
    this.#asking = true;
    await this.#askForEnds();
    await this.#askForRetention();
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

  async #askForRetention(): Promise<void> {
    const waiting = this.partitions().filter(({ lagSeconds = 0 }) => lagSeconds > waitsS);
    for (const topic of new Set(waiting.map((seen) => seen.topic))) {
      const askedAtMs = this.#nowMs();
      const known = this.#retentions.get(topic);
      if (known && askedAtMs - known.askedAtMs < askRetentionEveryMs) continue;
      // Without the right to ask it stays unknown.
      const ms = await this.#options.retentionMs(topic).catch(() => known?.ms);
      this.#retentions.set(topic, { askedAtMs, ms });
    }
  }

  #nowMs(): number {
    return this.#options.nowMs?.() ?? performance.now();
  }

  #wallMs(): number {
    return this.#options.wallMs?.() ?? Date.now();
  }
}
