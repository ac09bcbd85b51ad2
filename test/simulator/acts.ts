// What each act of a plan does to the world, and how it ends by itself.

import type { Oracle } from './oracle.ts';
import type { Act } from './plan.ts';
import type { SimKafka } from './sim-kafka.ts';
import { settings, type SimMember } from './sim-member.ts';
import type { SimNetwork } from './sim-network.ts';
import type { SimRegistry } from './sim-registry.ts';
import type { VirtualTime } from './virtual-time.ts';

export interface Stage {
  readonly time: VirtualTime;
  readonly kafka: SimKafka;
  readonly network: SimNetwork;
  readonly registry: SimRegistry;
  readonly oracle: Oracle;
  readonly alive: readonly SimMember[];
  changeWanted(by: number): void;
  startOne(): void;
}

const requestApis = ['commit', 'heartbeat', 'fetch', 'join', 'sync', 'offsetFetch', 'commit'];
const errorCodes = ['REQUEST_TIMED_OUT', 'NOT_COORDINATOR_FOR_GROUP', 'GROUP_LOAD_IN_PROGRESS'];

/** Begins an act, and has it end by itself. */
export function doAct({ kind, which, forMs, times }: Act, stage: Stage): void {
  const { time, kafka, network, registry, oracle, alive } = stage;
  const one = alive[which % Math.max(1, alive.length)];
  const node = (which % kafka.nodeCount) + 1;
  const partition = which % kafka.partitions.length;
  const api = requestApis[which % requestApis.length]!;
  const later = (action: () => void) => time.inWorld(forMs, action);
  switch (kind) {
    case 'kill':
      one?.kill();
      break;
    case 'terminate':
      one?.stop();
      break;
    case 'freeze':
      if (!one) break;
      time.freeze(one.process);
      // Every other time past its session's end.
      time.inWorld(forMs + (which % 2) * settings.sessionTimeoutMs, () => time.thaw(one.process));
      break;
    case 'add process':
      stage.changeWanted(1);
      stage.startOne();
      break;
    case 'remove process':
      stage.changeWanted(-1);
      one?.stop();
      break;
    case 'stop broker':
      kafka.stopBroker(node);
      later(() => {
        if (!kafka.isUp(node)) kafka.startBroker(node);
      });
      break;
    case 'break connections':
      kafka.breakConnections(node);
      break;
    case 'move leader':
      kafka.moveLeader(partition);
      break;
    case 'move coordinator':
      kafka.moveCoordinator();
      break;
    case 'evict':
      kafka.group.evict(which);
      break;
    case 'add partitions':
      kafka.addPartitions(1);
      break;
    case 'slow requests':
      kafka.slowness = 10 * times;
      later(() => (kafka.slowness = 1));
      break;
    case 'lose requests':
      kafka.fault(api, 'lost', times);
      break;
    case 'lose answers':
      kafka.fault(api, 'answer lost', times);
      break;
    case 'delay requests':
      kafka.fault(api, 'comes late', times);
      break;
    case 'refuse requests':
      kafka.fault(api, { code: errorCodes[(which + times) % errorCodes.length]! }, times);
      break;
    case 'collector away':
      network.listening = undefined;
      later(() => (network.listening = network.address));
      break;
    case 'collector moves':
      network.listening = network.listening === 'first' ? 'second' : 'first';
      // The name follows.
      later(() => (network.address = network.listening ?? network.address));
      break;
    case 'name unknown': {
      const { address } = network;
      network.address = undefined;
      later(() => (network.address ??= address ?? 'first'));
      break;
    }
    case 'kernel full':
    case 'kernel stalls':
      network.kernel = kind === 'kernel full' ? 'is full' : 'stalls';
      later(() => (network.kernel = 'takes'));
      break;
    case 'clock steps':
      time.wallStepMs += (which - 6) * 60_000;
      break;
    case 'registry away':
      registry.isAway = true;
      later(() => (registry.isAway = false));
      break;
    case 'retention': {
      const { high } = kafka.partitions[partition]!;
      const committed = Math.max(0, kafka.committedIn(partition));
      const low = kafka.removeBelow(partition, Math.floor((committed + high) / 2));
      oracle.removed(partition, 0, low);
      break;
    }
    case 'topic created again':
      kafka.deleteTopic();
      oracle.deleted();
      later(() => kafka.createTopic());
      break;
    case 'offsets moved': {
      // Kafka lets an operator do so while the group has no member: all are frozen past their session.
      for (const { process } of alive) time.freeze(process);
      time.inWorld(settings.sessionTimeoutMs + forMs, () => {
        if (kafka.group.size === 0) moveOffset(partition, times, stage);
        for (const { process } of alive) time.thaw(process);
      });
      break;
    }
  }
}

/** Back, forward, or away with it. */
function moveOffset(partition: number, times: number, { kafka, oracle }: Stage): void {
  const { topicId, group } = kafka;
  const log = kafka.partitions[partition]!;
  if (topicId === undefined) return;
  if (times === 1) {
    group.committed.delete(partition);
    oracle.moved(partition, log.low);
    return;
  }
  const offset = times === 2 ? log.high : Math.floor((log.low + log.high) / 2);
  group.committed.set(partition, { offset, metadata: times === 3 ? `topicId=${topicId}` : null });
  oracle.moved(partition, offset);
}
