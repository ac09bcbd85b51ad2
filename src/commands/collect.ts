// The `collect` command: an IPFIX collector for trying things out and for measuring. Records go to
// stdout or a file, everything said about them to stderr.

import { appendFileSync, openSync } from 'node:fs';
import { type Command, Option } from 'commander';
import { listeningText, summaryText } from '../collector/report.ts';
import { endpointText } from '../endpoint.ts';
import { parseCount, parseDuration, parseListen, parseOctets } from './collect-options.ts';
import { Collector, type CollectorOptions } from '../collector/collector.ts';
import { jsonLine, RecordTable } from '../collector/record-text.ts';
import { UsageError } from './usage-error.ts';

type Format = 'json' | 'table' | 'none';

interface CollectArguments {
  readonly listen: { host: string; port: number };
  readonly format?: Format;
  readonly count?: number;
  readonly idle?: number;
  readonly receiveBuffer: number;
  readonly output?: string;
  readonly summaryJson?: true;
}

/** Malformed Messages told one by one; the summary has their number. */
const malformedTold = 5;

const examples = `
Examples:
  $ kafka2ipfix collect                                    rows on a terminal, JSON in a pipe
  $ kafka2ipfix collect --listen 0.0.0.0:4739 | jq .sourceIPv4Address
  $ kafka2ipfix collect --format none --idle 5s            only the summary
  $ kafka2ipfix collect --count 1000 --output flows.json --format json

As JSON, every record is one line: element names as keys, "_" for where it came from. Times are
UTC; integers past 2^53 are strings. It stops on Ctrl-C, SIGTERM, --count or --idle, and then says
what came, what is missing by the Sequence Numbers, and what its own socket had no room for.
`;

export function registerCollect(program: Command): void {
  program
    .command('collect')
    .description('receive IPFIX over UDP and show it: a collector for trials and measurements')
    .addOption(
      new Option('--listen <host:port>', 'address to listen on; port 0: any')
        .default({ host: '127.0.0.1', port: 4739 }, '127.0.0.1:4739')
        .argParser(parseListen),
    )
    .addOption(
      new Option('--format <format>', 'how records are shown: table on a terminal, json else')
        // Which of them is not known before it runs, so there is no default to show.
        .choices(['json', 'table', 'none']),
    )
    .option('--count <n>', 'stop after n Data Records (options records not counted)', parseCount)
    .option('--idle <duration>', 'stop so long after the last datagram, e.g. 5s', parseDuration)
    .addOption(
      new Option('--receive-buffer <octets>', 'what to ask of the kernel')
        .default(4 * 2 ** 20, '4MiB')
        .argParser(parseOctets),
    )
    .option('--output <file>', 'write records to a file instead of stdout')
    .option('--summary-json', 'the summary also as one line of JSON on stdout')
    .addHelpText('after', examples)
    .action(collect);
}

async function collect(options: CollectArguments): Promise<void> {
  const { listen, receiveBuffer, summaryJson } = options;
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => resolve(undefined);
  const records = recordWriter(options, stop);
  const collector = new Collector({
    ...listen,
    receiveBufferBytes: receiveBuffer,
    // Counting needs no values.
    decoder: { values: records !== undefined },
    ...records,
    onMessage: () => {
      if (collector.dataRecords >= (options.count ?? Infinity)) stop();
    },
    onMalformed: malformedTeller(),
  });
  const signals: NodeJS.Signals[] = ['SIGINT', 'SIGTERM'];
  for (const signal of signals) process.once(signal, stop);
  const address = await collector.listen().catch((error: unknown) => {
    throw new UsageError(`--listen ${endpointText(listen)}: ${reason(error)}`);
  });
  console.error(listeningText(address, receiveBuffer));
  const idle = options.idle === undefined ? undefined : stopWhenIdle(collector, options.idle, stop);
  await stopped;
  for (const signal of signals) process.removeListener(signal, stop);
  clearInterval(idle);
  await collector.close();
  const summary = collector.summary();
  process.stderr.write(summaryText(summary));
  if (summaryJson === true) process.stdout.write(`${JSON.stringify(summary)}\n`);
}

/** Collects the text of a slice's records and writes it at once; undefined for `--format none`. */
function recordWriter(
  options: CollectArguments,
  stop: () => void,
): Pick<CollectorOptions, 'onRecord' | 'onSlice'> | undefined {
  const { output, count = Infinity } = options;
  const terminal = output === undefined && process.stdout.isTTY;
  const format = options.format ?? (terminal ? 'table' : 'json');
  if (format === 'none') return undefined;
  const write = openOutput(output, stop);
  // A terminal that does not know its width says 0.
  const table = new RecordTable((terminal && process.stdout.columns) || undefined);
  let text = format === 'table' ? table.header() : '';
  let left = count;
  return {
    onRecord: (record, message, session) => {
      if (left === 0) return;
      if (!record.options) left -= 1;
      text += format === 'json' ? jsonLine(record, message, session) : table.rows(record, message);
    },
    onSlice: () => {
      if (text !== '') write(text);
      text = '';
    },
  };
}

/** A file is written synchronously, as stdout is: what cannot be written never piles up. */
function openOutput(file: string | undefined, stop: () => void): (text: string) => void {
  if (file === undefined) {
    process.stdout.on('error', (error: NodeJS.ErrnoException) => {
      // The reader of a pipe may leave first (`| head`): a wish to stop, not a fault.
      if (error.code !== 'EPIPE') console.error(`cannot write records: ${error.message}`);
      stop();
    });
    return (text) => process.stdout.write(text);
  }
  let descriptor: number;
  try {
    descriptor = openSync(file, 'w');
  } catch (error) {
    throw new UsageError(`--output ${file}: ${reason(error)}`);
  }
  return (text) => {
    try {
      appendFileSync(descriptor, text);
    } catch (error) {
      console.error(`cannot write ${file}: ${reason(error)}`);
      stop();
    }
  };
}

function malformedTeller(): NonNullable<CollectorOptions['onMalformed']> {
  let told = 0;
  return (error, session) => {
    told += 1;
    if (told > malformedTold) return;
    console.error(`malformed Message from ${session}: ${error.message}`);
    if (told === malformedTold) console.error('further ones are only counted');
  };
}

function stopWhenIdle(collector: Collector, idleMs: number, stop: () => void): NodeJS.Timeout {
  const look = (): void => {
    const last = collector.lastDatagramAt;
    if (last !== undefined && performance.now() - last >= idleMs) stop();
  };
  return setInterval(look, Math.min(idleMs, 100));
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
