// Who is measured, and how each of them is run once over a topic: one process, its CPU between the
// first record and the last, and the sum that shows that all records came through.

import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startStage } from '../test/support/processes/stage-process.ts';
import type { Span } from './cpu-span.ts';
import { fetchSettings, messageOctets } from './equal-settings.ts';
import { summedElement } from './flows.ts';
import { type NativePrograms, RunningProgram } from './native-program.ts';
import { stageEnv } from '../test/support/processes/stage-env.ts';

/** A topic full of flows, and what is needed to read it. */
export interface Course {
  readonly native: NativePrograms;
  readonly brokers: string;
  readonly topic: string;
  readonly records: number;
  readonly registryUrl: string;
  /** What octetDeltaCount adds up to over all records. */
  readonly sum: bigint;
}

export interface Contestant<S extends Span = Span> {
  readonly name: string;
  readonly run: (course: Course) => Promise<S>;
}

/** The main thread serves HTTP; the Workers have threads of their own. */
interface StageSpan extends Span {
  readonly mainThreadSeconds: number;
}

interface Received {
  readonly records: number;
  readonly messages: number;
  readonly gaps: number;
  readonly unknownSets: number;
  readonly sum: string;
}

const newGroup = () => `bench-${randomUUID()}`;
const script = (name: string) => join(import.meta.dirname, 'contestants', `${name}.ts`);

function startScript(name: string, args: readonly (string | number)[]): RunningProgram {
  const child = spawn(process.execPath, [script(name), ...args.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  return new RunningProgram(child);
}

async function spanOf(program: RunningProgram): Promise<Span> {
  const span = await program.json<Span>();
  await program.ended();
  return span;
}

export const librdkafkaIdle: Contestant = {
  name: 'librdkafka in C, doing nothing',
  run({ native, brokers, topic, records }) {
    const { maxBytes, maxBytesPerPartition, maxWaitMs, checkCrcs, queueKib } = fetchSettings;
    const args = [brokers, topic, newGroup(), records, maxBytes, maxBytesPerPartition, maxWaitMs];
    return spanOf(native.start('librdkafka-idle', [...args, String(checkCrcs), queueKib]));
  },
};

export const kafkajsIdle: Contestant = {
  name: 'kafkajs, doing nothing',
  run: ({ brokers, topic, records }) =>
    spanOf(startScript('kafkajs-idle', [brokers, topic, newGroup(), records])),
};

export const obviousBridge: Contestant = {
  name: 'the obvious bridge (kafkajs, avsc, dgram)',
  async run(course) {
    const receiver = course.native.start('receive', [course.records, summedElement]);
    const port = await receiver.line();
    const { brokers, topic, records } = course;
    const args = [brokers, topic, newGroup(), records, port];
    const span = await spanOf(startScript('obvious-bridge', args));
    await receiver.line();
    check('the obvious bridge', await receiver.json<Received>(), course);
    return span;
  },
};

/** This stage with everything of the promise on; `settings` over the defaults. */
export const stage = (
  name: string,
  settings: Readonly<Record<string, string>>,
): Contestant<StageSpan> => ({
  name,
  async run(course) {
    const receiver = course.native.start('receive', [course.records, summedElement]);
    const port = await receiver.line();
    const running = await startStage({
      ...stageEnv({
        brokers: course.brokers,
        topic: course.topic,
        group: newGroup(),
        collector: `ipfix://127.0.0.1:${port}`,
      }),
      KAFKA_FETCH_MAX_BYTES: String(fetchSettings.maxBytes),
      KAFKA_FETCH_MAX_BYTES_PER_PARTITION: String(fetchSettings.maxBytesPerPartition),
      KAFKA_FETCH_MAX_WAIT: `${fetchSettings.maxWaitMs}ms`,
      SCHEMA_REGISTRY_URL: course.registryUrl,
      PATH_MTU: String(messageOctets + 28),
      LOG_LEVEL: 'warn',
      ...settings,
    });
    await receiver.line();
    const pid = running.process.pid!;
    const begun = {
      cpuSeconds: cpuSecondsOf(pid),
      mainSeconds: mainThreadSecondsOf(pid),
      atMs: performance.now(),
    };
    const received = await receiver.json<Received>();
    const span = {
      records: received.records,
      cpuSeconds: cpuSecondsOf(pid) - begun.cpuSeconds,
      mainThreadSeconds: mainThreadSecondsOf(pid) - begun.mainSeconds,
      wallSeconds: (performance.now() - begun.atMs) / 1e3,
    };
    await running.stop();
    check(name, received, course);
    return span;
  },
});

/** Throws unless every record came once, with what it held. */
function check(name: string, received: Received, { records, sum }: Course): void {
  const isWhole =
    received.records === records &&
    received.gaps === 0 &&
    received.unknownSets === 0 &&
    BigInt(received.sum) === sum;
  if (!isWhole)
    throw new Error(
      `${name}: ${records} records of sum ${sum} were to come, but ${JSON.stringify(received)}`,
    );
}

const ticksPerSecond = 100;

/** User and system time of a whole process, in steps of 10 ms: proc(5), fields 14 and 15 of stat. */
function cpuSecondsOf(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** The first field of schedstat: nanoseconds on a processor. */
function mainThreadSecondsOf(pid: number): number {
  const [nanoseconds] = readFileSync(`/proc/${pid}/task/${pid}/schedstat`, 'utf8').split(' ');
  return Number(nanoseconds) / 1e9;
}
