// The stage at work, waited for step by step: all received, all committed, ended.

import { setTimeout as sleep } from 'node:timers/promises';
import type { DemoCollector } from './collector.ts';
import type { Ending } from './process.ts';
import { figure, startProgress } from '../src/progress.ts';
import type { DemoSource } from './source.ts';
import type { DemoStage } from './stage.ts';

const lookMs = 25;
const lagMs = 1000;
/** Joining a group takes a while; after that, silence has a meaning. */
const firstRecordMs = 30_000;
const silenceMs = 10_000;
/** What an ended stage has sent is in the collector's hands already. */
const lastRecordsMs = 3000;
const lagTimeoutMs = 30_000;
/** The stage gives itself 20 s to drain. */
const stopPatienceMs = 30_000;
const endByItselfMs = 10_000;

export interface Export {
  readonly source: DemoSource;
  readonly collector: DemoCollector;
  readonly stage: DemoStage;
  readonly signal: AbortSignal;
  readonly stream: NodeJS.WriteStream;
}

/** Until every event has come, or nothing comes any more, or the stage has ended. */
export async function untilReceived(run: Export): Promise<void> {
  const { collector, signal } = run;
  const { tally } = collector;
  const startMs = performance.now();
  const progress = startProgress({ done: 'received', total: tally.events, ...run });
  let lag: number | undefined;
  let lagAskedMs = startMs;
  try {
    do {
      await sleep(lookMs, undefined, { signal });
      collector.look();
      const nowMs = performance.now();
      if (nowMs - lagAskedMs >= lagMs) {
        lagAskedMs = nowMs;
        // Only for the eye: while the group forms, none is available.
        void run.source.lag?.().then(
          (answer) => (lag = answer),
          () => undefined,
        );
      }
      progress.update(tally.received, noteOf(collector, lag));
    } while (tally.lost > 0 && !isSilent(run, startMs));
  } finally {
    progress.stop();
  }
}

function isSilent({ collector, stage }: Export, startMs: number): boolean {
  const last = collector.lastRecordAtMs;
  const silent = performance.now() - (last ?? startMs);
  if (stage.process.ending !== undefined) return silent >= lastRecordsMs;
  return silent >= (last === undefined ? firstRecordMs : silenceMs);
}

/** The group's lag as soon as it is 0, or what is left of it after a while. */
export async function untilCommitted({
  source,
  stage,
  signal,
}: Export): Promise<number | undefined> {
  const giveUpAt = performance.now() + lagTimeoutMs;
  let lag: number | undefined;
  for (;;) {
    // A coordinator that is still loading is an answer for now, not for good.
    lag = await source.lag?.().catch(() => lag);
    const over = stage.process.ending !== undefined || performance.now() > giveUpAt;
    if (lag === 0 || source.lag === undefined || over) return lag;
    await sleep(lagMs / 4, undefined, { signal });
  }
}

/** Asks the stage to end; one that reads a file ends by itself, because there is no more. */
export async function untilStageEnded({ source, stage, signal }: Export): Promise<Ending> {
  if (source.lag === undefined) {
    const giveUp = sleep(endByItselfMs, undefined, { signal, ref: false });
    await Promise.race([stage.process.ended, giveUp]);
  }
  return stage.process.stop(stopPatienceMs);
}

function noteOf({ tally, seconds }: DemoCollector, lag: number | undefined): string {
  // The first tenths of a second say nothing about the rate.
  const rate = seconds < 0.5 ? 'starting' : `${figure(Math.round(tally.received / seconds))}/s`;
  return lag === undefined ? rate : `${rate}, lag ${figure(lag)}`;
}
