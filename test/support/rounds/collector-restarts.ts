// A collector that goes and comes back at random while the stage sends at a steady rate. Used by the
// short check and the long one.

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { writeFlowFile } from '../../../src/generator/flow-file.ts';
import { Random } from '../../../src/generator/random.ts';
import { Recorder } from '../fakes/recorder.ts';
import { type Stage, startStage } from '../processes/stage-process.ts';

export interface CollectorRestartsOptions {
  readonly sender: 'batch' | 'dgram';
  readonly ratePerSecond: number;
  /** Of sending, the time that the collector is away not counted. */
  readonly seconds: number;
  readonly seed: number;
}

export interface CollectorRestartsReport {
  readonly code: number | null;
  readonly outages: number;
  readonly produced: number;
  readonly received: number;
  /** Lost in the queue of a socket that was closed before it was read. */
  readonly missing: number;
  readonly repeated: number;
  /** Sequence Numbers that no Message had. */
  readonly missingNumbers: number;
  /** Data Sets whose Template the collector had not heard since it came back. */
  readonly unknownSets: number;
  readonly sent: Readonly<Record<string, number>>;
}

export async function collectorRestarts(
  options: CollectorRestartsOptions,
): Promise<CollectorRestartsReport> {
  const { sender, ratePerSecond, seconds, seed } = options;
  const produced = ratePerSecond * seconds;
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-restarts-'));
  try {
    const output = join(folder, 'flows.avro');
    await writeFlowFile({ output, seed, count: produced });
    const first = await Recorder.listen();
    const stage = await startStage({
      INPUT_FILE: output,
      COLLECTORS: first.collector,
      EXPORT_RATE_LIMIT: String(ratePerSecond),
      UDP_SENDER: sender,
    });
    const recorders = await goAndComeBack(stage, first, new Random(seed));
    const { code } = await stage.exited;
    await recorders.at(-1)!.close();
    const ended = stage.lines().find(({ msg }) => msg === 'ended');
    const outages = recorders.length - 1;
    const sent = ended?.['sent'] as Record<string, number>;
    return { code, outages, produced, sent, ...standing(recorders, produced) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

async function goAndComeBack(stage: Stage, first: Recorder, random: Random): Promise<Recorder[]> {
  const recorders = [first];
  const { host, port } = first;
  for (;;) {
    const up = sleep(random.integer(1_500, 6_000)).then(() => undefined);
    if (await Promise.race([up, stage.exited])) return recorders;
    await recorders.at(-1)!.close();
    await sleep(random.integer(0, 2_500));
    recorders.push(await Recorder.listen({ host, port }));
  }
}

function standing(recorders: readonly Recorder[], produced: number) {
  const seen = new Set<number>();
  const numbers = new Set<number>();
  let records = 0;
  let unknownSets = 0;
  for (const message of recorders.flatMap((recorder) => recorder.messages())) {
    unknownSets += message.unknownSets.length;
    message.records.forEach(({ values }, i) => {
      records += 1;
      seen.add(Number(values.find(({ element }) => element.name === 'flowId')!.value));
      numbers.add(message.sequenceNumber + i);
    });
  }
  return {
    ...{ received: seen.size, missing: produced - seen.size, repeated: records - seen.size },
    ...{ missingNumbers: produced - numbers.size, unknownSets },
  };
}
