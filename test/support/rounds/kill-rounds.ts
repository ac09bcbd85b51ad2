// Kill -9 in the midst of work, again and again: what had been committed must have arrived, what
// had arrived uncommitted comes twice, nothing is lost. Used by the short check and the long one.

import { setTimeout as sleep } from 'node:timers/promises';
import { Random } from '../../../src/generator/random.ts';
import { sumOf } from '../kafka/group-offsets.ts';
import { KafkaStage } from '../kafka/kafka-stage.ts';

export interface KillOptions {
  readonly brokers: readonly string[];
  readonly rounds: number;
  readonly ratePerSecond: number;
  readonly seed: number;
  readonly log: (line: string) => void;
  readonly env?: Readonly<Record<string, string>>;
  /** How long after the last kill's backlog is worked off, or nearly: from, to. */
  readonly killAfterMs?: readonly [number, number];
  /** By `performance.now()`: no round begins after it. */
  readonly untilMs?: number;
}

export interface KillRound {
  readonly round: number;
  /** Events received and not committed when the process was gone. */
  readonly inFlight: number;
  /** Offsets summed over the partitions: when the round began, and when the process was gone. */
  readonly committedBefore: number;
  readonly committedAfter: number;
  /** Events received once more between this kill and the next. */
  readonly duplicates: number;
  /** Events that had been received in a second, at the time of the kill. */
  readonly ratePerSecond: number;
  /** What a kill may repeat at that rate. */
  readonly bound: number;
  /** Events committed and not received: the promise broken. */
  readonly committedUnreceived: number;
}

export interface KillReport {
  readonly rounds: readonly KillRound[];
  readonly produced: number;
  readonly received: number;
  readonly missing: number;
  readonly duplicates: number;
  readonly kernelDrops: number | 'unknown';
  readonly lastExitCode: number | null;
}

const settings = { COMMIT_INTERVAL: '1s', FLUSH_INTERVAL: '500ms', CONFIRM_WINDOW: '100ms' };
const uncommittedSeconds = 1 + 0.5 + 0.1;
const deliveryEvents = 1000;
const usualKillAfterMs = [100, 3000] as const;

export async function killRounds(options: KillOptions): Promise<KillReport> {
  const { rounds, seed, log, killAfterMs = usualKillAfterMs, untilMs = Infinity } = options;
  const env = { ...settings, ...options.env };
  const random = new Random(seed);
  const around = await KafkaStage.around(options);
  const { feed, received, recorder, offsets } = around;
  const done: KillRound[] = [];
  let committedBefore = 0;
  let open: Omit<KillRound, 'duplicates'> | undefined;
  let repeatedBefore = 0;
  const finish = () => {
    if (!open) return;
    const round = { ...open, duplicates: received.repeated - repeatedBefore };
    done.push(round);
    log(lineOf(round));
  };
  try {
    for (let round = 1; round <= rounds && performance.now() < untilMs; round++) {
      const stage = await around.start(env);
      await stage.waitForLine('joined the group');
      await around.untilCaughtUp();
      await sleep(random.integer(...killAfterMs));
      stage.kill('SIGKILL');
      await stage.exited;
      const standing = await around.standing();
      finish();
      repeatedBefore = received.repeated;
      const committedAfter = Number(sumOf(standing.committed));
      const sentLately = received.inLast(uncommittedSeconds);
      open = {
        round,
        ratePerSecond: Math.round(sentLately / uncommittedSeconds),
        bound: sentLately + deliveryEvents,
        inFlight: standing.receivedUncommitted,
        ...{ committedBefore, committedAfter },
        committedUnreceived: standing.committedUnreceived.length,
      };
      committedBefore = committedAfter;
    }
    const last = await around.start(env);
    await last.waitForLine('joined the group');
    await feed.stop();
    await offsets.untilNoLag();
    const lastExitCode = await last.stop();
    await around.standing();
    finish();
    return {
      rounds: done,
      produced: feed.produced,
      received: received.unique,
      missing: received.missing(1, feed.produced).length,
      duplicates: received.repeated,
      kernelDrops: recorder.kernelDrops,
      lastExitCode,
    };
  } finally {
    await around.close();
  }
}

export function lineOf(round: KillRound): string {
  const { committedBefore, committedAfter, inFlight, duplicates, bound, ratePerSecond } = round;
  return (
    `kill ${round.round}: ${inFlight} events in flight, committed ${committedBefore} → ` +
    `${committedAfter}, ${duplicates} duplicates (bound ${bound} at ${ratePerSecond}/s), ` +
    `${round.committedUnreceived} lost`
  );
}
