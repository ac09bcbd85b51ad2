// `kafka2ipfix generate`: realistic flow events into an Avro container file or a Kafka topic.
// Words, options and progress; the events come from src/generator.

import type { Command } from 'commander';

import { type FileCodec, fileCodecs, writeFlowFile, type FlowRun } from '../generator/flow-file.ts';
import { produceFlows } from '../generator/produce-flows.ts';
import { figure, startProgress } from '../progress.ts';
import { kafkaSecurity } from '../stage/kafka-connection.ts';
import { say } from '../log/log.ts';
import { brokerList, oneOf, numberWithin, wholeNumber } from './option-values.ts';
import { OutputError, standardOutput } from './output.ts';
import { UsageError } from './usage-error.ts';

/** What main has from the configuration. */
interface GenerateDefaults {
  readonly brokers?: string;
}

interface GenerateOptions {
  readonly count: number;
  readonly rate?: number;
  readonly seed: number;
  readonly firstId: number;
  readonly output?: string;
  readonly codec?: FileCodec;
  readonly topic?: string;
  readonly brokers?: string[];
  readonly partitions?: number;
  readonly compression?: (typeof compressions)[number];
}

const compressions = ['none', 'gzip'] as const;
const COUNT_MAX = 1e12;
/** Ids stay exact in a JavaScript number. */
const FIRST_ID_MAX = Number.MAX_SAFE_INTEGER - COUNT_MAX;

export function registerGenerate(program: Command, defaults: GenerateDefaults = {}): void {
  program
    .command('generate')
    .summary('generate realistic flow events')
    .description(
      'Generate realistic flow events (schemas/flow-event.avsc), the same for the same seed, and ' +
        'write them to an Avro container file or to a Kafka topic, one bare Avro datum in each ' +
        'message.',
    )
    .option('--count <n>', 'how many events', wholeNumber('--count', 1, COUNT_MAX), 100_000)
    .option(
      '--rate <events/s>',
      'events per second (default: as fast as possible)',
      numberWithin('--rate', 0.001, 1e9),
    )
    .option('--seed <n>', 'which events', wholeNumber('--seed', 0, Number.MAX_SAFE_INTEGER), 1)
    .option(
      '--first-id <n>',
      'flowId of the first event',
      wholeNumber('--first-id', 0, FIRST_ID_MAX),
      1,
    )
    .option('--output <file>', 'Avro container file to write; - for stdout')
    .option(
      '--codec <codec>',
      'codec of the file: null or deflate (default: null)',
      oneOf('--codec', fileCodecs),
    )
    .option('--topic <name>', 'Kafka topic to write to')
    .option(
      '--brokers <list>',
      'host:port,host:port (default: KAFKA_BROKERS)',
      brokerList('--brokers'),
    )
    .option(
      '--partitions <n>',
      'partitions of the topic, if it does not exist yet (default: 4)',
      wholeNumber('--partitions', 1, 10_000),
    )
    .option(
      '--compression <kind>',
      'compression of the Kafka messages: none or gzip (default: none)',
      oneOf('--compression', compressions),
    )
    .addHelpText(
      'after',
      `
Examples:
  $ kafka2ipfix generate --topic flows --brokers localhost:9092
  $ kafka2ipfix generate --topic flows --rate 5000 --count 1000000 --compression gzip
  $ kafka2ipfix generate --output flows.avro --codec deflate --seed 7
  $ kafka2ipfix generate --output - --count 10 | base64

Exit codes: 0 success, 70 failed, 74 not everything was written, 78 usage or configuration error, or a file
that cannot be opened.`,
    )
    .action((options: GenerateOptions) => generate(options, defaults));
}

async function generate(options: GenerateOptions, defaults: GenerateDefaults): Promise<void> {
  const write = writerFor(options, defaults);
  const { count } = options;
  const progress = startProgress({ done: 'generated', total: count, stream: process.stderr });
  let run: FlowRun;
  try {
    run = await write((events) => progress.update(events));
  } catch (error) {
    const { code, syscall, message } = error as NodeJS.ErrnoException;
    if (options.output !== undefined && syscall === 'open') {
      throw new UsageError(`--output: ${message}: name a file that can be written`);
    }
    const isUnwritten = options.output !== undefined && code !== undefined && diskFull.has(code);
    throw isUnwritten ? new OutputError(options.output, error as Error) : error;
  } finally {
    progress.stop();
  }
  const rate = figure(Math.round(run.events / Math.max(run.seconds, 0.001)));
  say(
    `generated ${figure(run.events)} events to ${targetText(options)} ` +
      `in ${run.seconds.toFixed(1)} s (${rate}/s)`,
  );
}

type Write = (onProgress: (events: number) => void) => Promise<FlowRun>;

/** Every fault of the options is found here, before anything is opened. */
function writerFor(options: GenerateOptions, defaults: GenerateDefaults): Write {
  const { output, topic, codec = 'null', compression = 'none', count, seed, firstId } = options;
  const what = {
    count,
    seed,
    firstId,
    ...(options.rate !== undefined && { ratePerSecond: options.rate }),
  };
  if (output !== undefined && topic !== undefined) {
    throw new UsageError('--output and --topic cannot be used together; give one of them');
  }
  if (output !== undefined) {
    refuse(options, ['brokers', 'partitions', 'compression'], '--output');
    if (output === '-' && process.stdout.isTTY) {
      throw new UsageError(
        '--output: standard output is a terminal; redirect it to a file or a pipe',
      );
    }
    const target = output === '-' ? standardOutput.asWritable() : output;
    return (onProgress) => writeFlowFile({ ...what, output: target, codec, onProgress });
  }
  if (topic === undefined) {
    throw new UsageError('no destination; give --output <file> or --topic <name>');
  }
  refuse(options, ['codec'], '--topic');
  const configured =
    defaults.brokers === undefined ? undefined : brokerList('KAFKA_BROKERS')(defaults.brokers);
  const brokers = options.brokers ?? configured;
  if (brokers === undefined) {
    throw new UsageError('--brokers: --topic needs it; give host:port or set KAFKA_BROKERS');
  }
  const partitions = options.partitions === undefined ? {} : { partitions: options.partitions };
  const security = kafkaSecurity();
  return (onProgress) =>
    produceFlows({ ...what, ...partitions, brokers, security, topic, compression, onProgress });
}

/** An option without effect is a misunderstanding; better said than ignored. */
function refuse(
  options: GenerateOptions,
  names: readonly (keyof GenerateOptions)[],
  target: '--output' | '--topic',
): void {
  const name = names.find((candidate) => options[candidate] !== undefined);
  if (name === undefined) return;
  throw new UsageError(`--${name}: it has no effect with ${target}; remove one of the two`);
}

function targetText({ output, topic }: GenerateOptions): string {
  if (topic !== undefined) return `topic ${topic}`;
  return output === '-' ? 'stdout' : (output ?? '');
}

/** What a file's system says of a write; a file that cannot be opened is another fault. */
const diskFull: ReadonlySet<string> = new Set(['ENOSPC', 'EDQUOT', 'EFBIG', 'EIO', 'EPIPE']);
