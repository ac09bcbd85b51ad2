// Runs in a network of its own: the stage sends into a queue that is shorter than its socket's buffer.
// Standard output is a ShortQueueReport as JSON. Arguments: the file of flow events, how many they are, and
// what `tc qdisc add dev lo root` is given.

import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { BatchSender } from '../../src/pipeline/sending/batch-sender.ts';
import { loadLibc } from '../../src/pipeline/sending/libc.ts';
import { unknownAddress } from '../../src/pipeline/frames/message.ts';
import { ReceivedFlows } from '../support/kafka/received-flows.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { silent } from '../support/fakes/scripted-session.ts';
import { startStage } from '../support/processes/stage-process.ts';

export interface ShortQueueRun {
  readonly code: number | null;
  readonly exported: number;
  readonly lost: number;
  readonly repeated: number;
  readonly resentMessages: number;
  /** Lines of the log that say that Messages are sent alone now. */
  readonly said: number;
}

/** One call with a run of 40 Messages, and nothing behind it. */
export interface SingleRun {
  /** Of the run, by what the kernel said, and by what arrived. */
  readonly taken: number;
  readonly arrived: number;
  /** What was said of it when the window was looked at. */
  readonly refusals: readonly string[];
  /** Messages in a run from then on. */
  readonly runMax: number;
}

export type ShortQueueReport = Readonly<Record<'batch' | 'dgram', ShortQueueRun>> & {
  readonly single: SingleRun;
};

const [flowFile = '', count = '0', ...queue] = process.argv.slice(2);
/** What is in the queue at the end takes some time. */
const quietMs = 1_500;

execFileSync('tc', ['qdisc', 'add', 'dev', 'lo', 'root', ...queue]);
const single = await singleRun();
const report: ShortQueueReport = { single, batch: await run('batch'), dgram: await run('dgram') };
process.stdout.write(JSON.stringify(report));

async function singleRun(): Promise<SingleRun> {
  const recorder = await Recorder.listen();
  const to = { host: '127.0.0.1', port: recorder.port, families: [4] as const, log: silent };
  const sender = new BatchSender(loadLibc(), to);
  const refusals: string[] = [];
  sender.onRefused = (code) => refusals.push(code);
  await sender.connect();
  const outcome = sender.send(
    Array.from({ length: 40 }, () => ({
      buffer: Buffer.alloc(1_400, 10),
      ...{ start: 0, length: 1_400, records: 1, address: unknownAddress },
    })),
  );
  await sender.confirm();
  const { runMax } = sender;
  await sleep(500);
  sender.close();
  await recorder.close();
  const taken = outcome.kind === 'taken' ? outcome.count : 0;
  return { taken, arrived: recorder.datagrams.length, refusals, runMax };
}

async function run(sender: 'batch' | 'dgram'): Promise<ShortQueueRun> {
  const recorder = await Recorder.listen();
  const stage = await startStage({
    ...{ INPUT_FILE: flowFile, UDP_SENDER: sender, COLLECTORS: recorder.collector },
  });
  const { code } = await stage.exited;
  await sleep(quietMs);
  const received = new ReceivedFlows(recorder);
  received.update();
  await recorder.close();
  const ended = stage.lines().find(({ msg }) => msg === 'ended');
  const { exported } = ended?.['account'] as { exported: number };
  const { resentMessages } = ended?.['sent'] as { resentMessages: number };
  const said = stage.lines().filter(({ code }) => code === 'HOST_QUEUE_DROPS').length;
  const lost = received.missing(1, Number(count)).length;
  return { code, exported, lost, repeated: received.repeated, resentMessages, said };
}
