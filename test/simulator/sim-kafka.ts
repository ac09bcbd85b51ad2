// Kafka as far as a consumer sees it: brokers that come and go, partitions that they lead, one topic's
// log, and what befalls requests on their way. The topic may be deleted and created again: then it has
// another id. The group is in sim-group.ts.

import type { Random } from '../../src/generator/random.ts';
import {
  encodeRecordBatch,
  KafkaJSConnectionClosedError,
  KafkaJSConnectionError,
  KafkaJSRequestTimeoutError,
  protocolError,
  type KafkaRecord,
} from './kafkajs-inside.ts';
import { SimGroup } from './sim-group.ts';
import { processNow, type VirtualTime } from './virtual-time.ts';

export const topicName = 'flows';
export const port = 9092;

/** What happens to the next requests of one API. */
export type RequestFault = 'lost' | 'answer lost' | 'comes late' | { readonly code: string };

interface Node {
  readonly id: number;
  readonly host: string;
  isUp: boolean;
  /** A connection belongs to one life of the broker. */
  life: number;
  readonly calls: Set<(error: Error) => void>;
}

interface Batch {
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly octets: Promise<Buffer>;
}

export interface Partition {
  leader: number;
  low: number;
  high: number;
  readonly batches: Batch[];
}

export interface Link {
  readonly nodeId: number;
  readonly life: number;
  /** Requests on one connection arrive in their order. */
  lastArrivalMs: number;
}

const inOrder = ['commit', 'join'];
/** kafkajs's own; a join waits for the others' besides. */
const requestTimeoutMs = 30_000;
const joinTimeoutMs = 65_000;
const closedAfterMs = 200;
const lateMs = [300, 2_500] as const;
const fetchedBatchesMax = 4;
// Kafka's error codes.
const outOfRange = 1;
const unknownTopicOrPartition = 3;
const notLeader = 6;
const unknownTopicId = 100;

export class SimKafka {
  readonly partitions: Partition[] = [];
  readonly group: SimGroup;
  coordinator = 1;
  /** How often the topic was created; undefined while it does not exist. */
  #topicLives: number | undefined = 1;
  #topicsCreated = 1;
  /** Requests take so many times as long. */
  slowness = 1;
  readonly time: VirtualTime;
  readonly #nodes: Node[];
  readonly #random: Random;
  readonly #faults = new Map<string, RequestFault[]>();
  #waiting: (() => void)[] = [];

  constructor(options: { time: VirtualTime; random: Random; nodes: number; partitions: number }) {
    this.time = options.time;
    this.#random = options.random;
    this.#nodes = Array.from({ length: options.nodes }, (_, i) => ({
      ...{ id: i + 1, host: `broker-${i + 1}`, isUp: true, life: 1 },
      calls: new Set<(error: Error) => void>(),
    }));
    this.group = new SimGroup(options.time);
    this.group.hasTopic = () => this.topicId !== undefined;
    this.addPartitions(options.partitions);
  }

  get addresses(): string[] {
    return this.#nodes.map(({ host }) => `${host}:${port}`);
  }

  addPartitions(count: number): void {
    for (let i = 0; i < count; i += 1) {
      const leader = (this.partitions.length % this.#nodes.length) + 1;
      this.partitions.push({ leader, low: 0, high: 0, batches: [] });
    }
  }

  /** As the Metadata answer has it; undefined while the topic does not exist. */
  get topicId(): string | undefined {
    return this.#topicLives === undefined ? undefined : `topic-${this.#topicLives}`;
  }

  /** The group's offsets go with it. */
  deleteTopic(): void {
    this.#topicLives = undefined;
    this.group.committed.clear();
    this.#wake();
  }

  createTopic(): void {
    if (this.#topicLives !== undefined) return;
    this.#topicsCreated += 1;
    this.#topicLives = this.#topicsCreated;
    for (const log of this.partitions) {
      log.low = 0;
      log.high = 0;
      log.batches.length = 0;
    }
    this.#wake();
  }

  /** Where the group is in the topic that exists now; -1 where it has no offset in it. */
  committedIn(partition: number): number {
    const { topicId } = this;
    const found = this.group.committed.get(partition);
    return found && isOf(found.metadata, topicId) ? found.offset : -1;
  }

  append(partition: number, records: readonly KafkaRecord[]): void {
    const log = this.partitions[partition]!;
    const firstOffset = log.high;
    log.high += records.length;
    log.batches.push({
      firstOffset,
      nextOffset: log.high,
      octets: encodeRecordBatch(firstOffset, records),
    });
    this.#wake();
  }

  /** Retention takes whole batches. */
  removeBelow(partition: number, offset: number): number {
    const log = this.partitions[partition]!;
    while (log.batches[0] && log.batches[0].nextOffset <= offset) log.batches.shift();
    log.low = log.batches[0]?.firstOffset ?? log.high;
    return log.low;
  }

  // ---- brokers

  stopBroker(id: number): void {
    const node = this.#node(id);
    node.isUp = false;
    const next = this.#nodes.find(({ isUp }) => isUp);
    for (const partition of this.partitions) {
      if (partition.leader === id && next) partition.leader = next.id;
    }
    if (this.coordinator === id && next) this.coordinator = next.id;
    this.#closeAll(node);
  }

  startBroker(id: number): void {
    const node = this.#node(id);
    node.isUp = true;
    node.life += 1;
  }

  /** Every connection with the broker ends; it goes on. */
  breakConnections(id: number): void {
    const node = this.#node(id);
    node.life += 1;
    this.#closeAll(node);
  }

  moveLeader(partition: number): void {
    const up = this.#nodes.filter(({ isUp }) => isUp);
    const log = this.partitions[partition];
    if (!log || up.length === 0) return;
    const at = up.findIndex(({ id }) => id === log.leader);
    log.leader = up[(at + 1) % up.length]!.id;
    this.#wake();
  }

  moveCoordinator(): void {
    const up = this.#nodes.filter(({ isUp }) => isUp);
    const at = up.findIndex(({ id }) => id === this.coordinator);
    if (up.length > 0) this.coordinator = up[(at + 1) % up.length]!.id;
  }

  isUp(id: number): boolean {
    return this.#node(id).isUp;
  }

  get nodeCount(): number {
    return this.#nodes.length;
  }

  #node(id: number): Node {
    return this.#nodes[id - 1]!;
  }

  #closeAll(node: Node): void {
    for (const fail of [...node.calls]) fail(closed(node));
  }

  // ---- requests

  fault(api: string, fault: RequestFault, times: number): void {
    const faults = this.#faults.get(api) ?? [];
    for (let i = 0; i < times; i += 1) faults.push(fault);
    this.#faults.set(api, faults);
  }

  clearFaults(): void {
    this.#faults.clear();
    this.slowness = 1;
  }

  nodeIdOf(host: string): number {
    return this.#nodes.find((node) => node.host === host)!.id;
  }

  isLinked({ nodeId, life }: Link): boolean {
    const node = this.#node(nodeId);
    return node.isUp && node.life === life;
  }

  async connect(nodeId: number): Promise<Link> {
    await this.#travel();
    const node = this.#node(nodeId);
    if (node.isUp) return { nodeId, life: node.life, lastArrivalMs: 0 };
    throw new KafkaJSConnectionError('Connection error: connect ECONNREFUSED', {
      broker: `${node.host}:${port}`,
      code: 'ECONNREFUSED',
    });
  }

  /** A request over a connection: there, the answer, and back; or what became of it. */
  call<T>(link: Link, api: string, answer: () => T | Promise<T>): Promise<T> {
    const process = processNow();
    const node = this.#node(link.nodeId);
    const { time } = this;
    return new Promise<T>((resolve, reject) => {
      const settle = (waitMs: number, act: () => void) => {
        if (!node.calls.delete(fail)) return;
        giveUp();
        time.after(waitMs, act, process);
      };
      const fail = (error: Error) => settle(this.#latencyMs(), () => reject(error));
      node.calls.add(fail);
      const timeoutMs = api === 'join' ? joinTimeoutMs : requestTimeoutMs;
      const giveUp = time.after(timeoutMs, () => fail(timedOut(api)), process);
      if (!this.isLinked(link)) {
        fail(closed(node));
        return;
      }
      let fault = this.#faults.get(api)?.shift();
      // Brokers take these as they were sent: none comes behind a later one of the same process.
      if (inOrder.includes(api) && fault === 'comes late') fault = 'answer lost';
      const arrive = () => {
        if (fault === 'lost') return;
        if (!node.isUp) return;
        const answered = new Promise<T>((done) => {
          if (typeof fault === 'object') throw protocolError(fault.code);
          done(answer());
        });
        answered.then(
          (value) => {
            if (fault !== 'answer lost' && fault !== 'comes late')
              settle(this.#latencyMs(), () => resolve(value));
          },
          (error: unknown) => {
            if (error instanceof Error) settle(this.#latencyMs(), () => reject(error));
          },
        );
      };
      if (fault === 'lost' || fault === 'answer lost' || fault === 'comes late') {
        time.inWorld(closedAfterMs, () => fail(closed(node)));
      }
      if (fault === 'comes late') {
        time.inWorld(closedAfterMs + this.#random.integer(...lateMs), arrive);
        return;
      }
      const atMs = Math.max(time.nowMs + this.#latencyMs(), link.lastArrivalMs);
      link.lastArrivalMs = atMs;
      time.inWorld(atMs - time.nowMs, arrive);
    });
  }

  #travel(): Promise<void> {
    const process = processNow();
    return new Promise((resolve) => this.time.after(this.#latencyMs(), resolve, process));
  }

  #latencyMs(): number {
    return (0.2 + 3 * this.#random.float()) * this.slowness;
  }

  // ---- answers about the log

  metadata() {
    return {
      throttleTime: 0,
      clusterId: 'simulated',
      controllerId: this.#nodes.find(({ isUp }) => isUp)?.id ?? 1,
      brokers: this.#nodes
        .filter(({ isUp }) => isUp)
        .map(({ id, host }) => ({ nodeId: id, host, port, rack: null })),
      topicMetadata: [
        {
          topicErrorCode: this.topicId === undefined ? unknownTopicOrPartition : 0,
          topic: topicName,
          topicId: this.topicId,
          isInternal: false,
          partitionMetadata: (this.topicId === undefined ? [] : this.partitions).map(
            ({ leader }, partitionId) => ({
              ...{ partitionErrorCode: 0, partitionId, leader },
              ...{ replicas: [leader], isr: [leader], offlineReplicas: [] },
            }),
          ),
        },
      ],
    };
  }

  findCoordinator() {
    const { id, host } = this.#node(this.coordinator);
    return { throttleTime: 0, errorCode: 0, coordinator: { nodeId: id, host, port } };
  }

  /** Throws where the broker asked is not the coordinator. */
  asCoordinator(nodeId: number): SimGroup {
    if (this.coordinator !== nodeId) throw protocolError('NOT_COORDINATOR_FOR_GROUP');
    return this.group;
  }

  offset(nodeId: number, partition: number, timestamp: number): string {
    const log = this.#led(nodeId, partition);
    return String(timestamp === -2 ? log.low : log.high);
  }

  async fetch(nodeId: number, request: FetchRequest): Promise<object> {
    const wanted = request.topics.flatMap(({ partitions }) => partitions);
    const untilMs = this.time.nowMs + request.maxWaitTime;
    this.time.inWorld(request.maxWaitTime, () => this.#wake());
    // A time that is summed up in two ways can differ in its last digits.
    while (this.time.nowMs < untilMs - 0.001 && !this.#hasNew(nodeId, wanted)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
    const partitions = await Promise.all(
      wanted.map(async (one) => {
        const { partition } = one;
        const errorCode = this.#errorOf(nodeId, one);
        const log = this.partitions[partition]!;
        const batches = log.batches
          .filter(({ nextOffset }) => nextOffset > Number(one.fetchOffset))
          .slice(0, errorCode === 0 ? fetchedBatchesMax : 0);
        const { high, low } = log;
        const octets = Buffer.concat(await Promise.all(batches.map((batch) => batch.octets)));
        return {
          ...{ partition, errorCode, abortedTransactions: [] },
          messages: octets.length === 0 ? [] : [{ offset: '', octets }],
          ...{ highWatermark: String(high), lastStableOffset: String(high) },
          ...{ lastStartOffset: String(low), preferredReadReplica: -1 },
        };
      }),
    );
    return { throttleTime: 0, responses: [{ topicName, partitions }] };
  }

  #errorOf(nodeId: number, { partition, fetchOffset, topicId }: FetchedPartition): number {
    const log = this.partitions[partition];
    if (!log || this.topicId === undefined || topicId !== this.topicId) return unknownTopicId;
    if (log.leader !== nodeId) return notLeader;
    const from = Number(fetchOffset);
    return from < log.low || from > log.high ? outOfRange : 0;
  }

  #led(nodeId: number, partition: number): Partition {
    const log = this.partitions[partition];
    if (!log || this.topicId === undefined) throw protocolError('UNKNOWN_TOPIC_OR_PARTITION');
    if (log.leader !== nodeId) throw protocolError('NOT_LEADER_FOR_PARTITION');
    return log;
  }

  #hasNew(nodeId: number, wanted: readonly FetchedPartition[]): boolean {
    return wanted.some((one) => {
      const isEnd = this.partitions[one.partition]?.high === Number(one.fetchOffset);
      return !isEnd || this.#errorOf(nodeId, one) !== 0;
    });
  }

  #wake(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}

export interface FetchedPartition {
  readonly partition: number;
  readonly fetchOffset: string;
  readonly topicId?: string;
}

export interface FetchRequest {
  readonly maxWaitTime: number;
  readonly topics: readonly { readonly partitions: readonly FetchedPartition[] }[];
}

/** Whether a committed offset is of the topic: by the text beside it. */
export const isOf = (metadata: string | null, topicId: string | undefined): boolean =>
  topicId !== undefined && metadata?.split(' ').includes(`topicId=${topicId}`) === true;

const timedOut = (api: string): Error => new KafkaJSRequestTimeoutError(`${api} timed out`);

const closed = ({ host }: Node): Error =>
  new KafkaJSConnectionClosedError('Closed connection', { host, port });
