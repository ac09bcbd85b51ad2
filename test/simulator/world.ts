// One simulated world from its beginning to its end: a storm of faults by plan, then a quiet in which all
// has to be committed, then a planned change that has to repeat nothing, then the end of all processes.

import { createHash } from 'node:crypto';
import kafkajs from 'kafkajs';
import { Random } from '../../src/generator/random.ts';
import { doAct } from './acts.ts';
import { Oracle, type Fault, type Kind } from './oracle.ts';
import type { Act, Plan } from './plan.ts';
import { enter } from './sim-broker.ts';
import { SimEvents } from './sim-events.ts';
import type { AcceptedCommit } from './sim-group.ts';
import { isOf, SimKafka } from './sim-kafka.ts';
import { settings, SimMember } from './sim-member.ts';
import { SimNetwork } from './sim-network.ts';
import { SimRegistry } from './sim-registry.ts';
import { VirtualTime } from './virtual-time.ts';

export interface Outcome {
  readonly seed: number;
  readonly faults: readonly Fault[];
  readonly events: number;
  readonly commits: number;
  readonly steps: number;
  readonly simulatedMs: number;
  /** Events painted more than once, over all. */
  readonly repeated: number;
  readonly refusals: number;
  /** Of everything that happened, in order: equal for equal runs. */
  readonly digest: string;
  /** The same for people, where it was asked for. */
  readonly story: readonly string[];
}

const calmWithinMs = 90_000;
/** A usual run has a few thousand. */
const stepsMax = 200_000;
const plannedMs = 1_500;
const produceEveryMs = 90;
const restartMs = [200, 1_500] as const;
const processesMax = 4;

export class World {
  readonly #plan: Plan;
  readonly #time = new VirtualTime();
  readonly #random: Random;
  readonly #load: Random;
  readonly #kafka: SimKafka;
  readonly #oracle: Oracle;
  readonly #network: SimNetwork;
  readonly #registry: SimRegistry;
  readonly #events = new SimEvents();
  readonly #members: SimMember[] = [];
  readonly #hash = createHash('sha256');
  readonly #story: string[] | undefined;
  #wanted: number;
  #made = 0;
  #commits = 0;
  #refusals = 0;
  #isEnding = false;

  constructor(plan: Plan, options: { tellsStory?: boolean } = {}) {
    this.#plan = plan;
    this.#wanted = plan.processes;
    this.#random = new Random(plan.seed * 2 + 1);
    this.#load = new Random(plan.seed * 2 + 2);
    if (options.tellsStory) this.#story = [];
    const time = this.#time;
    const nowMs = () => time.nowMs;
    this.#oracle = new Oracle({ windowMs: settings.confirmWindowMs, nowMs });
    this.#kafka = new SimKafka({
      ...{ time, random: this.#random, nodes: plan.brokers, partitions: plan.partitions },
    });
    this.#network = new SimNetwork({ time, random: this.#random, oracle: this.#oracle });
    this.#registry = new SimRegistry(time, this.#events.schemas);
    this.#kafka.group.onCommit = (commit) => this.#committed(commit);
    time.onUncaught = (error, process) => {
      this.#oracle.fault(`${process?.name ?? 'the world'}: ${(error as Error).stack}`);
    };
    time.onStep = () => {
      for (const { name, worker, isAlive } of this.#members) {
        if (isAlive && worker) this.#oracle.account(name, worker.ledger.account);
      }
    };
  }

  async run(): Promise<Outcome> {
    const { acts, stormMs } = this.#plan;
    const chance = new Random(this.#plan.seed);
    const restore = this.#time.install(() => chance.float());
    const unhandled = (error: unknown) => {
      this.#oracle.fault(`nobody caught ${(error as Error).stack}`);
    };
    process.on('unhandledRejection', unhandled);
    enter(this.#kafka);
    try {
      for (let i = 0; i < this.#plan.processes; i += 1) this.#startOne();
      for (const act of acts) this.#time.inWorld(act.atMs, () => this.#do(act));
      this.#produceUntil(stormMs);
      await this.#runUntil(() => this.#time.nowMs >= stormMs);
      this.#calm();
      await this.#runUntil(() => this.#isAllCommitted, 'all is committed');
      await this.#plannedChange();
      await this.#endAll();
      if (this.#oracle.faults.length === 0) this.#oracle.end();
    } finally {
      restore();
      process.off('unhandledRejection', unhandled);
    }
    return {
      ...{ seed: this.#plan.seed, faults: this.#oracle.faults, events: this.#oracle.count },
      ...{ commits: this.#commits, steps: this.#time.steps, repeated: this.#oracle.repeated },
      ...{ simulatedMs: this.#time.nowMs, refusals: this.#refusals },
      ...{ digest: this.#hash.digest('hex').slice(0, 16), story: this.#story ?? [] },
    };
  }

  /** The storm is over: everything is there again. */
  #calm(): void {
    this.#note('the storm is over');
    for (let id = 1; id <= this.#kafka.nodeCount; id += 1) {
      if (!this.#kafka.isUp(id)) this.#kafka.startBroker(id);
    }
    this.#kafka.clearFaults();
    this.#kafka.createTopic();
    this.#network.kernel = 'takes';
    this.#network.address ??= 'first';
    this.#network.listening = this.#network.address;
    this.#registry.isAway = false;
    for (const member of this.#members) this.#time.thaw(member.process);
  }

  /** One process leaves in order and another joins, under load: nothing is repeated by it. */
  async #plannedChange(): Promise<void> {
    await this.#runUntil(() => this.#isSettled, 'the group is stable');
    const fromMs = this.#time.nowMs;
    this.#oracle.isQuiet = true;
    this.#note('a planned change');
    this.#produceUntil(plannedMs);
    this.#wanted = Math.max(1, this.#wanted);
    this.#time.inWorld(plannedMs / 3, () => this.#startOne());
    await this.#runUntil(
      () => this.#time.nowMs >= fromMs + plannedMs && this.#isAllCommitted,
      'all',
    );
    await this.#runUntil(() => this.#isSettled, 'the group is stable');
    this.#produceUntil(plannedMs);
    const untilMs = this.#time.nowMs + plannedMs;
    this.#wanted -= 1;
    this.#time.inWorld(plannedMs / 3, () => this.#alive[0]?.stop());
    await this.#runUntil(() => this.#time.nowMs >= untilMs && this.#isAllCommitted, 'all');
  }

  async #endAll(): Promise<void> {
    this.#note('all are terminated');
    this.#isEnding = true;
    for (const member of this.#alive) member.stop();
    await this.#runUntil(() => this.#alive.length === 0, 'all processes ended');
    for (const { name, exitCode } of this.#members.slice(-2)) {
      if (exitCode === 75) this.#oracle.fault(`${name} ended with 75, and nothing was in its way`);
    }
  }

  get #alive(): SimMember[] {
    return this.#members.filter(({ isAlive }) => isAlive);
  }

  get #isAllCommitted(): boolean {
    const { partitions, topicId } = this.#kafka;
    if (topicId === undefined) return false;
    return partitions.every(({ high }, i) => {
      const found = this.#kafka.group.committed.get(i);
      // An operator commits without a topic's id.
      const isOperators = found?.metadata === null && found.offset >= high;
      return isOperators || this.#kafka.committedIn(i) >= high;
    });
  }

  get #isSettled(): boolean {
    const alive = this.#alive;
    // What was read of a deleted topic is committed nowhere, and leaves all the same.
    const isEmpty = alive.every(({ worker }) => worker?.ledger.account.inFlight === 0);
    return (
      isEmpty &&
      // One that was frozen when it was to stop would end in the midst of what comes next.
      !alive.some(({ isStopping }) => isStopping) &&
      this.#kafka.group.isStable &&
      this.#kafka.group.size === alive.length &&
      alive.length > 0 &&
      this.#isAllCommitted
    );
  }

  async #runUntil(isOver: () => boolean, what?: string): Promise<void> {
    const { faults } = this.#oracle;
    const giveUpAtMs = what === undefined ? Infinity : this.#time.nowMs + calmWithinMs;
    const isEnded = () => {
      if (this.#time.steps > stepsMax) this.#oracle.fault(`${stepsMax} steps, and no end`);
      return faults.length > 0 || isOver() || this.#time.nowMs >= giveUpAtMs;
    };
    await this.#time.run(() => {
      this.#replace();
      return isEnded();
    });
    if (faults.length > 0 || isOver()) return;
    const alive = this.#alive.map(({ name }) => name).join(', ');
    const { size, isStable } = this.#kafka.group;
    this.#oracle.fault(
      `no response within ${calmWithinMs} ms of quiet: ${what}. Alive are ${alive || 'none'}; ` +
        `the group has ${size} members and is ${isStable ? 'stable' : 'not stable'}`,
    );
  }

  /** What a supervisor does: as many processes as are wanted. */
  #replace(): void {
    if (this.#isEnding) return;
    for (const [i, { isAlive }] of this.#members.entries()) {
      if (isAlive) continue;
      this.#members.splice(i, 1);
      if (this.#alive.length >= this.#wanted) return;
      this.#time.inWorld(this.#random.integer(...restartMs), () => {
        if (this.#alive.length < this.#wanted) this.#startOne();
      });
      return;
    }
  }

  #startOne(): void {
    this.#made += 1;
    const member = new SimMember(`process ${this.#made}`, {
      ...{ time: this.#time, network: this.#network, oracle: this.#oracle, events: this.#events },
      ...{ registry: this.#registry, brokers: this.#kafka.addresses },
      note: (what) => this.#note(what),
    });
    this.#members.push(member);
    this.#note(`${member.name} starts`);
    member.start();
  }

  #produceUntil(forMs: number): void {
    const untilMs = this.#time.nowMs + forMs;
    const produce = () => {
      if (this.#time.nowMs >= untilMs) return;
      this.#produce();
      this.#time.inWorld(produceEveryMs * 2 * this.#load.float(), produce);
    };
    produce();
  }

  #produce(): void {
    const load = this.#load;
    if (this.#kafka.topicId === undefined) return;
    const partition = load.integer(0, this.#kafka.partitions.length - 1);
    const records = Array.from({ length: load.integer(1, 8) }, () => {
      const kind: Kind = load.pickWeighted([
        [94, 'good'],
        [3, 'bad'],
        [3, 'tombstone'],
      ]);
      const id = this.#oracle.produced(partition, kind);
      return this.#events.record(id, kind, load.chance(0.3), load.chance(0.3));
    });
    this.#kafka.append(partition, records);
  }

  #committed({ memberId, partition, offset, metadata, ...commit }: AcceptedCommit): void {
    this.#commits += 1;
    this.#note(`${memberId} commits flows[${partition}] ${offset} ${metadata}`);
    const { topicId } = this.#kafka;
    // Of a topic that was deleted meanwhile: nobody may use it, and the text beside it says so.
    if (!isOf(metadata, topicId)) return;
    const had = commit.before;
    const before = had && (had.metadata === null || isOf(had.metadata, topicId)) ? had.offset : -1;
    // Where a group begins, and nobody could say yet where that is.
    if (metadata?.includes('start=') === true) return;
    this.#oracle.commit(partition, before, offset);
    const assignment = this.#kafka.group.assignmentOf(memberId);
    // The leader commits where the group begins, for all.
    if (before < 0 || !assignment || assignment.length === 0) return;
    const decoded = kafkajs.AssignerProtocol.MemberAssignment.decode(assignment)?.assignment ?? {};
    const isAssigned = Object.values(decoded).some((partitions) => partitions.includes(partition));
    if (!isAssigned) {
      this.#oracle.fault(`${memberId} committed flows[${partition}], which is not its own`);
    }
  }

  #note(what: string): void {
    const line = `${this.#time.nowMs.toFixed(3)} ${what}`;
    this.#hash.update(line);
    this.#story?.push(line);
  }

  #do(act: Act): void {
    this.#note(`* ${act.kind}`);
    doAct(act, {
      ...{ time: this.#time, kafka: this.#kafka, network: this.#network, registry: this.#registry },
      ...{ oracle: this.#oracle, alive: this.#alive },
      changeWanted: (by) => {
        this.#wanted = Math.min(processesMax, Math.max(1, this.#wanted + by));
      },
      startOne: () => {
        if (this.#alive.length < processesMax) this.#startOne();
      },
    });
    if (act.kind === 'collector away' || act.kind === 'collector moves') this.#refusals += 1;
  }
}
