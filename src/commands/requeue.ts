// The `requeue` command: plays dead letters back to the topics they came from. Words and options; what
// it does is in src/sources/dead-letters/requeue.ts.

import { type Command, Option } from 'commander';
import { ConfigError, processEnvironment, readConfig } from '../config/config.ts';
import type { Fault } from '../fault.ts';
import { prepare } from '../config/preparation.ts';
import { readKafkaPems } from '../config/kafka-tls.ts';
import { exitCode } from '../exit-code.ts';
import { createLog, say } from '../log/log.ts';
import { figure, type Progress, startProgress } from '../progress.ts';
import { type DeadLetterReason, deadLetterReasons } from '../sources/dead-letter.ts';
import {
  requeue,
  type RequeueCounts,
  type RequeueOptions,
} from '../sources/dead-letters/requeue.ts';
import { kafkaConnection } from '../stage/kafka-connection.ts';
import { letterJson, letterText } from './letter-text.ts';
import { LetterValues } from './letter-values.ts';
import { oneOf, wholeNumber } from './option-values.ts';
import { standardOutput } from './output.ts';
import { UsageError } from './usage-error.ts';

interface Options {
  readonly limit?: number;
  readonly reason?: DeadLetterReason;
  readonly topic?: string;
  readonly dryRun?: boolean;
  /** True without a number. */
  readonly show?: number | true;
  readonly json?: boolean;
}

const shownByDefault = 10;

export function registerRequeue(program: Command): void {
  program
    .command('requeue')
    .summary('write dead letters back to their topics')
    .description(
      'Write the messages of DLQ_TOPIC back, unchanged, to the topics that they came from, after the ' +
        'mapping, or whatever else caused the failure, is fixed. Of a message with many events only the ' +
        'failed ones are then exported. The progress is committed for the group ' +
        '<KAFKA_GROUP_ID>-requeue, so that nothing goes back twice.',
    )
    .option('--limit <n>', 'maximum number of letters', wholeNumber('--limit', 1, 1e12))
    .option(
      '--reason <code>',
      `only letters with this reason: ${deadLetterReasons.join(', ')}`,
      oneOf('--reason', deadLetterReasons),
    )
    .option('--topic <name>', 'only letters of this topic (default: all of KAFKA_TOPICS)')
    .option('--dry-run', 'show what would be written back; write and commit nothing')
    .addOption(
      new Option(
        '--show [n]',
        `print the next n letters (default: ${shownByDefault}) with their values; write and commit nothing`,
      )
        .argParser(wholeNumber('--show', 1, 1e6))
        .conflicts('limit'),
    )
    .option('--json', 'with --show: a JSON object for each letter, with the whole value')
    .addHelpText(
      'after',
      `
It needs the stage's KAFKA_BROKERS, KAFKA_TOPICS, KAFKA_GROUP_ID and DLQ_TOPIC. Letters of other
topics or groups are skipped, and so are those that were written without their value. With --reason or
--topic, the progress is kept separately: do not alternate between runs with and without them.

--show decodes values with the schema settings of \`run\`; what cannot be decoded is printed as hexadecimal
text. It prints payload: be careful where the output goes.

Examples:
  $ kafka2ipfix requeue --show 3
  $ kafka2ipfix requeue --dry-run
  $ kafka2ipfix requeue --limit 100
  $ kafka2ipfix requeue --reason UNMAPPABLE_SCHEMA --topic flows

SIGTERM, SIGINT and SIGHUP end it after the current letters. Two processes at once share the dead letters.

Exit codes: 0 success, 70 failed, 75 ended by a signal: the next run continues there, 78 configuration error.`,
    )
    .action((options: Options) => (options.show === undefined ? play(options) : show(options)));
}

const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

function interruption(): AbortSignal {
  const controller = new AbortController();
  // A second one ends the process at once, as nothing listens any more.
  for (const name of endingSignals) process.once(name, () => controller.abort());
  return controller.signal;
}

async function show({ show: count, json = false, ...options }: Options): Promise<void> {
  const what = whatFrom(options);
  const values = letterValues();
  const signal = interruption();
  let shown = 0;
  await requeue({
    ...what,
    limit: typeof count === 'number' ? count : shownByDefault,
    dryRun: true,
    signal,
    onProgress: () => undefined,
    onLetter: async (letter) => {
      const datums = await values?.datumsOf(letter);
      shown += 1;
      await standardOutput.write((json ? letterJson : letterText)(letter, datums));
    },
  }).finally(() => values?.close());
  say(`${shown} dead letters shown; nothing was written or committed`);
  if (signal.aborted) process.exitCode = exitCode.temporary;
}

/** Asked of every configuration, and of no use here. */
const unused = { COLLECTORS: 'ipfix://127.0.0.1' };

/** Undefined where the settings do not say how values are read. */
function letterValues(): LetterValues | undefined {
  try {
    return LetterValues.of(prepare({ ...unused, ...processEnvironment() }));
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const faults = error.faults.map(({ where, problem }) => `${where} ${problem}`);
    say(`values are printed as hexadecimal text: ${faults.join('; ')}`);
    return undefined;
  }
}

async function play(options: Options): Promise<void> {
  const { limit = Infinity, dryRun = false, json } = options;
  if (json) throw new UsageError('--json is only for --show; give --show too');
  const signal = interruption();
  let progress: Progress | undefined;
  const counts = await requeue({
    ...whatFrom(options),
    limit,
    dryRun,
    signal,
    onProgress: (read, total) => {
      progress ??= startProgress({ done: 'dead letters read', total, stream: process.stderr });
      progress.update(read);
    },
  }).finally(() => progress?.stop());
  await standardOutput.write(report(counts, dryRun));
  if (!signal.aborted) return;
  say('stopped by a signal; the next run continues where this one stopped');
  process.exitCode = exitCode.temporary;
}

type What = Pick<RequeueOptions, 'connection' | 'deadLetterTopic' | 'groupId' | 'isWanted' | 'log'>;

/** Throws ConfigError: the stage's own settings say what is whose. */
function whatFrom({ reason, topic }: Options): What {
  const { partial, faults } = readConfig(processEnvironment());
  const { KAFKA_TOPICS: topics = [], KAFKA_GROUP_ID: group = '', DLQ_TOPIC } = partial;
  const all = faults.filter(({ where }) => /^(KAFKA|DLQ)_/.test(where));
  const { pems, faults: unusable } = readKafkaPems(partial);
  all.push(...more(topic, topics, DLQ_TOPIC, all), ...unusable);
  if (all.length > 0) throw new ConfigError(all);
  return {
    connection: kafkaConnection(partial, pems),
    deadLetterTopic: DLQ_TOPIC!,
    groupId: ['requeue', reason, topic].reduce<string>(
      (id, part) => (part === undefined ? id : `${id}-${part}`),
      group,
    ),
    isWanted: (letter) =>
      letter.group === group &&
      (topic === undefined ? topics.includes(letter.topic) : letter.topic === topic) &&
      (reason === undefined || letter.reason === reason),
    log: createLog({ level: 'error', format: partial.LOG_FORMAT ?? 'auto' }),
  };
}

function* more(
  topic: string | undefined,
  topics: readonly string[],
  deadLetterTopic: string | undefined,
  found: readonly Fault[],
): Iterable<Fault> {
  const isBlamed = (name: string) => found.some(({ where }) => where === name);
  if (deadLetterTopic === undefined && !isBlamed('DLQ_TOPIC')) {
    yield { where: 'DLQ_TOPIC', problem: 'is not set; name the topic of the dead letters' };
  }
  if (topic !== undefined && topics.length > 0 && !topics.includes(topic)) {
    yield { where: '--topic', problem: `${topic} is not one of KAFKA_TOPICS; name one of them` };
  }
}

function report(counts: RequeueCounts, dryRun: boolean): string {
  const { requeued, withoutValue, notWanted, byTopicAndReason } = counts;
  const rows = [...byTopicAndReason].map(([what, count]) => `  ${what}: ${figure(count)}\n`);
  const left = [
    ...(withoutValue > 0 ? [`${figure(withoutValue)} without their value`] : []),
    ...(notWanted > 0 ? [`${figure(notWanted)} not selected`] : []),
  ];
  return [
    `${dryRun ? 'would requeue' : 'requeued'} ${figure(requeued)} dead letters\n`,
    ...rows,
    ...(left.length > 0 ? [`left: ${left.join(', ')}\n`] : []),
  ].join('');
}
