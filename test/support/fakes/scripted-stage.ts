// The whole pipeline between a source that a test feeds and a scripted sender, on a manual clock.
// Only the commit interval is RxJS's own: a test that uses it fakes setInterval.

import { Subject, type Subscription } from 'rxjs';
import { Decoder } from '../../../src/ipfix/decoder.ts';
import type { FlowEvent } from '../../../src/generator/flow-event.ts';
import { TopicBindings } from '../../../src/pipeline/mapping/bindings.ts';
import { compiledPainter } from '../../../src/pipeline/painting/compiled-painter.ts';
import { pipeline } from '../../../src/pipeline/pipeline.ts';
import { Worker, type WorkerOptions } from '../../../src/pipeline/worker.ts';
import type {
  CommittableOffset,
  Delivery,
  MessageMetadata,
  Origin,
} from '../../../src/sources/delivery.ts';
import { deliveryOf, flowEventMapping } from '../events/flow-events.ts';
import { ManualClock, turn } from './manual-clock.ts';
import { ScriptedSender } from './scripted-sender.ts';
import { silent } from './scripted-session.ts';

export const commitIntervalMs = 1000;
export const observationDomainId = 257;

export interface Commit {
  readonly last: boolean;
  readonly atMs: number;
  readonly offsets: readonly CommittableOffset[];
}

const bindings = new TopicBindings({ words: { section: {}, presets: [] } });

export class Stage {
  readonly clock: ManualClock;
  readonly sender: ScriptedSender;
  readonly worker: Worker;
  readonly deliveries = new Subject<Delivery>();
  readonly commits: Commit[] = [];
  /** Stands for the broker: replaced where a commit is to fail or to last. */
  broker: () => Promise<void> = () => Promise.resolve();
  isCompleted = false;
  error: unknown;
  #subscription: Subscription | undefined;
  readonly #next = new Map<Origin, number>();

  constructor(options: Partial<WorkerOptions> = {}, clock = new ManualClock()) {
    this.clock = clock;
    this.sender = new ScriptedSender(clock);
    this.worker = new Worker({
      bindingsOf: () => bindings,
      known: [flowEventMapping],
      sender: this.sender,
      clock: this.clock,
      observationDomainId,
      messageOctetsMax: 484,
      flushIntervalMs: 500,
      confirmWindowMs: 100,
      templateRefreshIntervalMs: 60_000,
      templateRefreshMessages: 4096,
      templatesMax: 4096,
      inFlightBytes: 2 ** 20,
      inFlightEvents: Infinity,
      onBadEvent: 'stop',
      painterFor: compiledPainter,
      domainOptions: { flowKeys: [], elementTypes: false, samplingRate: undefined },
      optionsRefreshIntervalMs: 60_000,
      log: silent,
      ...options,
    });
  }

  async start(): Promise<this> {
    const { worker } = this;
    await worker.start();
    const source = {
      deliveries: this.deliveries,
      commit: async ({ last }: { last: boolean }) => {
        const offsets = worker.intake.committable();
        await this.broker();
        this.commits.push({ last, atMs: this.clock.nowMs, offsets });
      },
    };
    this.#subscription = pipeline(source, worker, commitIntervalMs).subscribe({
      error: (error: unknown) => (this.error = error),
      complete: () => (this.isCompleted = true),
    });
    await turn();
    return this;
  }

  /** Hands a batch on as a source does, at the Origin's next offset. */
  deliver(
    items: readonly (FlowEvent | Buffer | null)[],
    origin: Origin,
    times?: Pick<MessageMetadata, 'timestampMs'>,
  ): Delivery {
    const plain = deliveryOf(items, origin, this.#next.get(origin) ?? 100);
    const nothing = { key: () => null, value: () => null, header: () => null, headers: () => [] };
    const metadata = times && { ...times, ...nothing };
    const delivery = metadata ? { ...plain, metadata } : plain;
    this.#next.set(origin, delivery.nextOffset);
    this.worker.intake.track(delivery);
    this.deliveries.next(delivery);
    return delivery;
  }

  stop(): void {
    this.#subscription?.unsubscribe();
  }

  /** Data Messages that the kernel took. */
  get data(): { octets: Buffer; atMs: number }[] {
    return this.sender.taken.filter(({ octets }) => octets.readUInt16BE(16) !== 2);
  }

  /** When each flowId was last handed over and taken, as a collector reads it. */
  handedOverAt(): Map<number, number> {
    const decoder = new Decoder();
    const handed = new Map<number, number>();
    for (const { octets, atMs } of this.sender.taken) {
      for (const { values, options } of decoder.decode(octets).records) {
        if (options) continue;
        handed.set(Number(values.find(({ element }) => element.name === 'flowId')!.value), atMs);
      }
    }
    return handed;
  }
}
