// One consumer group's coordinator: Kafka's classic protocol with joins, syncs, heartbeats, evictions
// and commits. A commit is taken while a rebalance is prepared and refused while one is completed,
// and taken for any partition at all, as brokers do.

import { protocolError } from './kafkajs-inside.ts';
import type { VirtualTime } from './virtual-time.ts';

interface Protocol {
  readonly name: string;
  readonly metadata: Buffer;
}

export interface JoinRequest {
  readonly memberId: string;
  readonly sessionTimeout: number;
  readonly rebalanceTimeout: number;
  readonly groupProtocols: readonly Protocol[];
}

export interface SyncRequest {
  readonly memberId: string;
  readonly generationId: number;
  readonly groupAssignment: readonly { memberId: string; memberAssignment: Buffer }[];
}

export interface HeartbeatRequest {
  readonly memberId: string;
  readonly groupGenerationId: number;
}

export interface CommitRequest extends HeartbeatRequest {
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly {
      readonly partition: number;
      readonly offset: string;
      readonly metadata?: string | null;
    }[];
  }[];
}

export interface Committed {
  readonly offset: number;
  readonly metadata: string | null;
}

interface Member {
  readonly id: string;
  readonly sessionTimeoutMs: number;
  readonly rebalanceTimeoutMs: number;
  protocol: Protocol;
  lastSeenMs: number;
  assignment: Buffer;
  joining: Deferred<object> | undefined;
  syncing: Deferred<object> | undefined;
}

type Deferred<T> = ReturnType<typeof Promise.withResolvers<T>>;
type State = 'empty' | 'preparing' | 'completing' | 'stable';

const nothing = Buffer.alloc(0);
const unknownTopicOrPartition = 3;

export interface AcceptedCommit {
  readonly memberId: string;
  readonly partition: number;
  readonly offset: number;
  readonly metadata: string | null;
  readonly before: Committed | undefined;
}

export class SimGroup {
  readonly committed = new Map<number, Committed>();
  /** Whether the coordinator knows the topic: commits for another one are refused. */
  hasTopic: () => boolean = () => true;
  /** Called for each partition of a commit that is taken, before it takes effect. */
  onCommit: (commit: AcceptedCommit) => void = () => undefined;
  /** Called when a member that was one asks to join again. */
  onRejoin: (memberId: string) => void = () => undefined;
  generation = 0;
  readonly #time: VirtualTime;
  readonly #members = new Map<string, Member>();
  #state: State = 'empty';
  #leader = '';
  #made = 0;
  #preparation = 0;

  constructor(time: VirtualTime) {
    this.#time = time;
  }

  get isStable(): boolean {
    return this.#state === 'stable';
  }

  get size(): number {
    return this.#members.size;
  }

  join(request: JoinRequest): Promise<object> {
    const { memberId, sessionTimeout, rebalanceTimeout, groupProtocols } = request;
    const protocol = groupProtocols[0]!;
    let member = this.#members.get(memberId);
    if (!member) {
      if (memberId !== '') throw protocolError('UNKNOWN_MEMBER_ID');
      this.#made += 1;
      member = {
        id: `member-${this.#made}`,
        ...{ sessionTimeoutMs: sessionTimeout, rebalanceTimeoutMs: rebalanceTimeout, protocol },
        ...{ lastSeenMs: this.#time.nowMs, assignment: nothing },
        ...{ joining: undefined, syncing: undefined },
      };
      this.#members.set(member.id, member);
      this.#watch(member);
    } else {
      this.onRejoin(memberId);
      const isNothingNew = protocol.metadata.equals(member.protocol.metadata);
      member.lastSeenMs = this.#time.nowMs;
      const goesOn = this.#state === 'stable' && memberId !== this.#leader;
      // Its answer was lost, or it only asks anew: nobody else is disturbed.
      if (isNothingNew && (goesOn || this.#state === 'completing')) {
        return Promise.resolve(this.#joined(member));
      }
    }
    member.protocol = protocol;
    const joining = Promise.withResolvers<object>();
    member.joining = joining;
    this.#prepare();
    this.#joinedByAll();
    return joining.promise;
  }

  sync({ memberId, generationId, groupAssignment }: SyncRequest): Promise<object> {
    const member = this.#member(memberId, generationId);
    if (this.#state === 'preparing') throw protocolError('REBALANCE_IN_PROGRESS');
    if (this.#state === 'stable') return Promise.resolve(assigned(member));
    const syncing = Promise.withResolvers<object>();
    member.syncing = syncing;
    if (memberId === this.#leader) {
      for (const one of this.#members.values()) {
        const found = groupAssignment.find((given) => given.memberId === one.id);
        one.assignment = found?.memberAssignment ?? nothing;
      }
      this.#state = 'stable';
      for (const one of this.#members.values()) {
        one.syncing?.resolve(assigned(one));
        one.syncing = undefined;
        one.lastSeenMs = this.#time.nowMs;
      }
    }
    return syncing.promise;
  }

  heartbeat({ memberId, groupGenerationId }: HeartbeatRequest): object {
    const member = this.#member(memberId, groupGenerationId);
    member.lastSeenMs = this.#time.nowMs;
    if (this.#state === 'preparing') throw protocolError('REBALANCE_IN_PROGRESS');
    return {};
  }

  commit({ memberId, groupGenerationId, topics }: CommitRequest): object {
    const member = this.#member(memberId, groupGenerationId);
    if (this.#state === 'completing') throw protocolError('REBALANCE_IN_PROGRESS');
    member.lastSeenMs = this.#time.nowMs;
    const errorCode = this.hasTopic() ? 0 : unknownTopicOrPartition;
    const responses = topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition, offset, metadata = null }) => {
        if (errorCode === 0) {
          const before = this.committed.get(partition);
          const committed = { offset: Number(offset), metadata };
          this.onCommit({ memberId, partition, ...committed, before });
          this.committed.set(partition, committed);
        }
        return { partition, errorCode };
      }),
    }));
    return { responses };
  }

  leave(memberId: string): object {
    const member = this.#members.get(memberId);
    if (!member) throw protocolError('UNKNOWN_MEMBER_ID');
    this.#remove(member);
    return {};
  }

  /** The coordinator gives a member up, as it does with one it has not heard of. */
  evict(which: number): void {
    const member = [...this.#members.values()][which % Math.max(1, this.#members.size)];
    if (member) this.#remove(member);
  }

  /** What the leader gave the member, as its assigner wrote it. */
  assignmentOf(memberId: string): Buffer | undefined {
    return this.#members.get(memberId)?.assignment;
  }

  #member(memberId: string, generation: number): Member {
    const member = this.#members.get(memberId);
    if (!member) throw protocolError('UNKNOWN_MEMBER_ID');
    if (generation !== this.generation) throw protocolError('ILLEGAL_GENERATION');
    return member;
  }

  #prepare(): void {
    if (this.#state === 'preparing') return;
    this.#state = 'preparing';
    for (const member of this.#members.values()) {
      member.syncing?.reject(protocolError('REBALANCE_IN_PROGRESS'));
      member.syncing = undefined;
    }
    const preparation = (this.#preparation += 1);
    const longestMs = Math.max(
      ...Array.from(this.#members.values(), ({ rebalanceTimeoutMs }) => rebalanceTimeoutMs),
    );
    this.#time.inWorld(longestMs, () => {
      if (this.#state !== 'preparing' || this.#preparation !== preparation) return;
      for (const member of [...this.#members.values()]) {
        if (!member.joining) this.#members.delete(member.id);
      }
      this.#joinedByAll();
    });
  }

  #joinedByAll(): void {
    if (this.#state !== 'preparing') return;
    const members = [...this.#members.values()];
    if (members.length === 0) {
      this.#state = 'empty';
      return;
    }
    if (!members.every(({ joining }) => joining)) return;
    this.generation += 1;
    this.#state = 'completing';
    if (!this.#members.has(this.#leader)) this.#leader = members[0]!.id;
    for (const member of members) {
      const { joining } = member;
      member.joining = undefined;
      member.lastSeenMs = this.#time.nowMs;
      joining?.resolve(this.#joined(member));
    }
  }

  #joined(member: Member): object {
    const members = Array.from(this.#members.values(), ({ id, protocol }) => ({
      memberId: id,
      memberMetadata: protocol.metadata,
    }));
    return {
      ...{ throttleTime: 0, errorCode: 0, generationId: this.generation },
      ...{ groupProtocol: member.protocol.name, leaderId: this.#leader, memberId: member.id },
      members: member.id === this.#leader ? members : [],
    };
  }

  /** Evicted when it was not heard of for its session timeout. */
  #watch(member: Member): void {
    if (this.#members.get(member.id) !== member) return;
    const dueMs = member.lastSeenMs + member.sessionTimeoutMs - this.#time.nowMs;
    if (dueMs <= 0 && !member.joining) {
      this.#remove(member);
      return;
    }
    this.#time.inWorld(Math.max(dueMs, 100), () => this.#watch(member));
  }

  #remove(member: Member): void {
    this.#members.delete(member.id);
    member.joining?.reject(protocolError('UNKNOWN_MEMBER_ID'));
    member.syncing?.reject(protocolError('UNKNOWN_MEMBER_ID'));
    if (this.#members.size === 0) {
      this.#state = 'empty';
      return;
    }
    this.#prepare();
    this.#joinedByAll();
  }
}

const assigned = ({ assignment }: Member): object => ({ memberAssignment: assignment });
