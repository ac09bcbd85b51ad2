// Partitions that change their broker again and again under a steady load. Used by the short check and
// the long one.

import { setTimeout as sleep } from 'node:timers/promises';
import type { KafkaCluster } from '../kafka/kafka-cluster.ts';
import { KafkaStage } from '../kafka/kafka-stage.ts';
import { idsIn } from '../kafka/topic-ids.ts';

export interface LeaderMovesOptions {
  readonly cluster: KafkaCluster;
  readonly moves: number;
  readonly everyMs: number;
  readonly ratePerSecond: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

export interface LeaderMovesReport {
  readonly moves: number;
  readonly produced: number;
  readonly received: number;
  readonly missing: number;
  readonly repeated: number;
  readonly exitCodes: readonly (number | null)[];
}

const partitions = 6;

export async function leaderMoves(options: LeaderMovesOptions): Promise<LeaderMovesReport> {
  const { cluster, moves, everyMs, ratePerSecond, seed, log } = options;
  const { brokers } = cluster;
  const around = await KafkaStage.around({ brokers, partitions, ratePerSecond, seed });
  try {
    const stages = [
      await around.start(),
      await around.start({ WORKERS: '2', OBSERVATION_DOMAIN_ID: '101' }),
    ];
    for (const stage of stages) await stage.waitForLine('joined the group');
    await around.untilCaughtUp();
    for (let move = 0; move < moves; move += 1) {
      const partition = move % partitions;
      await cluster.moveLeader(around.topic, partition);
      log(`move ${move + 1}: partition ${partition}, ${around.received.update().unique} received`);
      await sleep(everyMs);
    }
    await around.feed.stop();
    await around.offsets.untilNoLag(120_000);
    const exitCodes = await Promise.all(stages.map((stage) => stage.stop()));
    const received = around.received.update();
    // What the feed believes it wrote is no oracle: kafkajs's producer forgets some of a send whose
    // partition has just moved.
    const ids = [...(await idsIn(brokers, around.topic)).keys()];
    return {
      moves,
      produced: ids.length,
      received: received.unique,
      missing: ids.filter((id) => !received.has(id)).length,
      repeated: received.repeated,
      exitCodes,
    };
  } finally {
    await around.close();
  }
}
