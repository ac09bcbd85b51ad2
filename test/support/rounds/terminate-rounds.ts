// SIGTERM at a random moment, again and again: each time all that was read has left, is committed, and
// comes only once. Used by the short check and the long one.

import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../../src/generator/random.ts';
import { KafkaStage } from '../kafka/kafka-stage.ts';
import type { Stage } from '../processes/stage-process.ts';

export interface TerminateOptions {
  readonly brokers: readonly string[];
  readonly rounds: number;
  readonly ratePerSecond: number;
  readonly seed: number;
  readonly log: (line: string) => void;
}

export interface TerminateRound {
  readonly round: number;
  readonly moment: string;
  readonly exitCode: number | null;
  readonly endedAfterMs: number;
  /** Events committed and not received: lost. */
  readonly committedUnreceived: number;
  /** Events received and not committed: they come again. */
  readonly receivedUncommitted: number;
}

export interface TerminateReport {
  readonly rounds: readonly TerminateRound[];
  readonly produced: number;
  readonly missing: number;
  readonly repeated: number;
}

/** As long as the stage is given; its own SHUTDOWN_TIMEOUT is the same. */
export const endsWithinMs = 20_000;

export async function terminateRounds(options: TerminateOptions): Promise<TerminateReport> {
  const random = new Random(options.seed);
  const around = await KafkaStage.around(options);
  const rounds: TerminateRound[] = [];
  try {
    for (let round = 1; round <= options.rounds; round += 1) {
      const stage = await around.start();
      const moment = await someMoment(stage, random);
      const fromMs = performance.now();
      const exitCode = await stage.stop(endsWithinMs);
      const endedAfterMs = Math.round(performance.now() - fromMs);
      const { committedUnreceived, receivedUncommitted } = await around.standing();
      const done = {
        ...{ round, moment, exitCode, endedAfterMs, receivedUncommitted },
        committedUnreceived: committedUnreceived.length,
      };
      rounds.push(done);
      options.log(`SIGTERM ${round} ${moment}: exit code ${exitCode} after ${endedAfterMs} ms`);
    }
    await around.feed.stop();
    const last = await around.start();
    await around.offsets.untilNoLag();
    await last.stop();
    await around.standing();
    const { feed, received } = around;
    const missing = received.missing(1, feed.produced).length;
    return { rounds, produced: feed.produced, missing, repeated: received.repeated };
  } finally {
    await around.close();
  }
}

/** Mostly under load; now and then while it has hardly begun. */
async function someMoment(stage: Stage, random: Random): Promise<string> {
  const isEarly = random.chance(0.25);
  const waitMs = random.integer(0, 1_500);
  await stage.waitForLine(isEarly ? 'starting' : 'joined the group');
  await sleep(waitMs);
  return `${waitMs} ms after ${isEarly ? 'its start' : 'it joined'}`;
}

/** What was not as it must be. */
export function faultsOf({ rounds, missing, repeated }: TerminateReport): string[] {
  const faults = rounds.flatMap((round) => {
    const { moment, exitCode, committedUnreceived, receivedUncommitted } = round;
    const at = `SIGTERM ${round.round}, ${moment}`;
    return [
      ...(exitCode === 0 ? [] : [`${at}: exit code ${exitCode}`]),
      ...(committedUnreceived === 0 ? [] : [`${at}: ${committedUnreceived} events lost`]),
      ...(receivedUncommitted === 0 ? [] : [`${at}: ${receivedUncommitted} events come again`]),
    ];
  });
  if (missing > 0) faults.push(`${missing} events never arrived`);
  if (repeated > 0) faults.push(`${repeated} events came twice`);
  return faults;
}
