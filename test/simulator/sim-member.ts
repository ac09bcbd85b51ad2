// One process of the stage with one Worker, made of the real parts as worker-thread.ts makes them: Worker,
// pipeline, KafkaSource and kafkajs. Only what they stand on is simulated.

import { lastValueFrom } from 'rxjs';
import pino, { type Logger } from 'pino';
import { systemClock } from '../../src/clock.ts';
import { compiledPainter } from '../../src/pipeline/painting/compiled-painter.ts';
import { pipeline } from '../../src/pipeline/pipeline.ts';
import { Worker } from '../../src/pipeline/worker.ts';
import type { Intake, Origin } from '../../src/sources/delivery.ts';
import { BrokerContact } from '../../src/sources/kafka/broker-contact.ts';
import { KafkaSource } from '../../src/sources/kafka/kafka-source.ts';
import { SchemaStore } from '../../src/sources/schemas/schema-store.ts';
import type { Oracle } from './oracle.ts';
import type { SimEvents } from './sim-events.ts';
import { topicName } from './sim-kafka.ts';
import type { SimNetwork } from './sim-network.ts';
import { SimSender } from './sim-network.ts';
import { SimRegistry } from './sim-registry.ts';
import { Stream } from './stream.ts';
import { SimProcess, type VirtualTime } from './virtual-time.ts';

export interface Surroundings {
  readonly time: VirtualTime;
  readonly network: SimNetwork;
  readonly oracle: Oracle;
  readonly events: SimEvents;
  readonly registry: SimRegistry;
  readonly brokers: readonly string[];
  readonly note: (what: string) => void;
}

export const settings = {
  confirmWindowMs: 100,
  commitIntervalMs: 400,
  flushIntervalMs: 150,
  drainTimeoutMs: 1_500,
  sessionTimeoutMs: 3_000,
  shutdownTimeoutMs: 20_000,
};

const leaveMaxMs = 2_000;
const silent = pino({ level: 'silent' });

export class SimMember {
  readonly name: string;
  readonly process: SimProcess;
  worker: Worker | undefined;
  /** As the process's exit code would be; null where it was killed. */
  exitCode: number | null | undefined;
  isStopping = false;
  #source: KafkaSource | undefined;
  readonly #around: Surroundings;
  readonly #log: Logger;

  constructor(name: string, around: Surroundings, log = silent) {
    this.name = name;
    this.process = new SimProcess(name);
    this.#around = around;
    this.#log = log;
  }

  start(): void {
    this.#around.time.start(this.process, () => {
      void this.#main();
    });
  }

  get isAlive(): boolean {
    return this.exitCode === undefined;
  }

  kill(): void {
    this.#exit(null);
  }

  /** SIGTERM. */
  stop(): void {
    this.isStopping = true;
    const { time } = this.#around;
    time.after(0, () => this.#source?.stop(), this.process);
    time.after(settings.shutdownTimeoutMs, () => this.#exit(75), this.process);
  }

  #exit(code: number | null): void {
    if (!this.isAlive) return;
    this.exitCode = code;
    this.#around.time.kill(this.process);
    this.#around.note(`${this.name} ${code === null ? 'is killed' : `ends with ${code}`}`);
  }

  async #main(): Promise<void> {
    try {
      this.#exit(await this.#run());
    } catch (error) {
      const { name, message } = error as Error;
      this.#around.note(`${this.name} fails: ${name}: ${message}`);
      const isOurs = ['TypeError', 'RangeError', 'ReferenceError'].includes(name);
      if (isOurs) this.#around.oracle.fault(`${this.name}: ${(error as Error).stack}`);
      const leaving = this.#source?.close().catch(() => undefined);
      await Promise.race([leaving, new Promise((resolve) => setTimeout(resolve, leaveMaxMs))]);
      this.#exit(70);
    }
  }

  async #run(): Promise<number> {
    const { time, network, oracle, events, registry, brokers } = this.#around;
    const stream = new Stream({
      name: this.name,
      windowMs: settings.confirmWindowMs,
      nowMs: () => time.nowMs,
      onHanded: (handed, isFirst) => {
        this.#around.note(`${this.name} sends ${handed.ids.join(' ')}`);
        oracle.handed(handed, isFirst);
      },
      onFault: (fault) => oracle.fault(fault),
    });
    const worker = new Worker({
      bindingsOf: () => events.bindings,
      known: [],
      painterFor: compiledPainter,
      sender: new SimSender(network, stream),
      clock: systemClock(),
      observationDomainId: 1,
      messageOctetsMax: 16 + 4 + 4 * events.recordOctets,
      flushIntervalMs: settings.flushIntervalMs,
      confirmWindowMs: settings.confirmWindowMs,
      templateRefreshIntervalMs: 5_000,
      templateRefreshMessages: 64,
      templatesMax: 16,
      inFlightBytes: 24 * (20 + 4 * events.recordOctets),
      inFlightEvents: Infinity,
      onBadEvent: 'discard',
      domainOptions: { flowKeys: [], elementTypes: false, samplingRate: undefined },
      optionsRefreshIntervalMs: 60_000,
      log: this.#log,
    });
    this.worker = worker;
    const connection = { brokers, clientId: this.name };
    const contact = new BrokerContact({ connection, log: this.#log });
    await contact.reach(new AbortController().signal);
    const source = new KafkaSource({
      ...{ connection, contact },
      topics: [topicName],
      groupId: 'simulated',
      framingOf: () => ({ form: 'confluent', base64: false }),
      schemas: new SchemaStore({
        bare: new Map(),
        byFingerprint: new Map(),
        registry: registry.client(),
      }),
      ...{ checkCrcs: true, batchOctetsMax: 2 ** 20 },
      fetch: { octetsMax: 2 ** 20, partitionOctetsMax: 2 ** 20, waitMs: 250 },
      userData: '',
      membersTold: () => undefined,
      messageOctetsMax: 1_000,
      autoOffsetReset: 'earliest',
      sessionTimeoutMs: settings.sessionTimeoutMs,
      rebalanceTimeoutMs: 60_000,
      metadataMaxAgeMs: 4_000,
      drainTimeoutMs: settings.drainTimeoutMs,
      deliveryEventsMax: 10,
      lagWarnedAbove: Infinity,
      intake: this.#watched(worker.intake),
      log: this.#log,
    });
    this.#source = source;
    await worker.start();
    await lastValueFrom(pipeline(source, worker, settings.commitIntervalMs), {
      defaultValue: undefined,
    });
    const settled = worker.ledger.account.inFlight === 0 && source.allCommitted;
    if (worker.stoppedBy) throw worker.stoppedBy;
    await source.close();
    return settled ? 0 : 75;
  }

  /** Of one Origin each offset is delivered once, and in its order. */
  #watched(intake: Intake): Intake {
    const next = new WeakMap<Origin, number>();
    const { oracle } = this.#around;
    return {
      ...intake,
      track: (delivery) => {
        const { origin, offsets, nextOffset } = delivery;
        const first = offsets[0]!;
        const due = next.get(origin);
        if (due !== undefined && first < due) {
          oracle.fault(`${this.name}: flows[${origin.partition}] ${first} delivered again`);
        }
        next.set(origin, nextOffset);
        intake.track(delivery);
      },
    };
  }
}
