// Members that join and die every two seconds, some in order and some by kill -9, under a steady load.
// Used by the short check and the long one.

import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../../src/generator/random.ts';
import { KafkaStage } from '../kafka/kafka-stage.ts';
import type { Stage } from '../processes/stage-process.ts';

export interface StormOptions {
  readonly brokers: readonly string[];
  readonly forMs: number;
  readonly ratePerSecond: number;
  readonly count: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

export interface StormReport {
  readonly joined: number;
  readonly killed: number;
  readonly terminated: number;
  readonly produced: number;
  readonly received: number;
  readonly missing: number;
  readonly repeated: number;
  /** The longest time in which nothing new arrived, and there was something to arrive. */
  readonly longestStallMs: number;
  readonly exitCodes: readonly (number | null)[];
}

const everyMs = 2_000;
const lookEveryMs = 200;
const membersMax = 3;
const partitions = 6;

export async function rebalanceStorm(options: StormOptions): Promise<StormReport> {
  const random = new Random(options.seed);
  const around = await KafkaStage.around({ ...options, partitions });
  const watch = watchStalls(around);
  const members: Stage[] = [];
  const counts = { joined: 0, killed: 0, terminated: 0 };
  const exitCodes: (number | null)[] = [];
  const join = async () => {
    counts.joined += 1;
    // Domains apart, because all of them share an address.
    members.push(await around.start({ OBSERVATION_DOMAIN_ID: String(counts.joined) }));
  };
  const remove = async () => {
    const [member] = members.splice(random.integer(0, members.length - 1), 1);
    if (random.chance(0.5)) {
      counts.killed += 1;
      member!.kill('SIGKILL');
      return;
    }
    counts.terminated += 1;
    // Before that Node.js itself ends at a signal, with nothing begun.
    await member!.waitForLine('starting');
    member!.kill('SIGTERM');
    exitCodes.push((await member!.exited).code);
  };
  try {
    await join();
    await members[0]!.waitForLine('joined the group');
    const untilMs = performance.now() + options.forMs;
    const leaving: Promise<void>[] = [];
    while (performance.now() < untilMs) {
      await sleep(everyMs);
      // One stays, so that what stands still is never for want of a member.
      const joins = members.length < 2 || (members.length < membersMax && random.chance(0.5));
      if (joins) await join();
      else leaving.push(remove());
      const { unique } = around.received.update();
      options.log(`${members.length} members, ${unique} of ${around.feed.produced} received`);
    }
    await Promise.all(leaving);
    await around.feed.stop();
    await around.offsets.untilNoLag(120_000);
    const longestStallMs = watch.stop();
    exitCodes.push(...(await Promise.all(members.map((member) => member.stop()))));
    await around.standing();
    const { feed, received } = around;
    return {
      ...counts,
      ...{ produced: feed.produced, received: received.unique, repeated: received.repeated },
      ...{ missing: received.missing(1, feed.produced).length, longestStallMs, exitCodes },
    };
  } finally {
    watch.stop();
    await around.close();
  }
}

/** Looks all the time; `stop` says how long the longest stall was. */
function watchStalls({ received, feed }: KafkaStage): { stop: () => number } {
  let longestMs = 0;
  let lastUnique = 0;
  let movedAtMs = performance.now();
  const timer = setInterval(() => {
    const { unique } = received.update();
    const nowMs = performance.now();
    if (unique !== lastUnique || unique >= feed.produced) movedAtMs = nowMs;
    lastUnique = unique;
    longestMs = Math.max(longestMs, nowMs - movedAtMs);
  }, lookEveryMs);
  return {
    stop: () => {
      clearInterval(timer);
      return Math.round(longestMs);
    },
  };
}

const stallMaxMs = 30_000;

/** What was not as it must be. */
export function faultsOf({ missing, longestStallMs, exitCodes }: StormReport): string[] {
  return [
    ...(missing === 0 ? [] : [`${missing} events never arrived`]),
    ...(longestStallMs <= stallMaxMs ? [] : [`nothing arrived for ${longestStallMs} ms`]),
    // 75: given up by the group while it drained; what it had is read again.
    ...(exitCodes.every((code) => code === 0 || code === 75)
      ? []
      : [`exit codes ${exitCodes.join(', ')}`]),
  ];
}
