// The `collect` command: an IPFIX collector for trying things out and for measuring. Records go to
// stdout or a file, everything said about them to stderr.

import { type Command, Option } from 'commander';
import { listeningText, summaryText } from '../collector/report.ts';
import { endpointText } from '../endpoint.ts';
import {
  durationFrom,
  endpointFrom,
  type Listen,
  sizeFrom,
  ValueError,
} from '../config/text-values.ts';
import { Collector, type CollectorOptions } from '../collector/collector.ts';
import type { CollectorAddress, CollectorSummary } from '../collector/summary.ts';
import { exitCode } from '../exit-code.ts';
import { say, standardError } from '../log/log.ts';
import { collectFiles } from './collect-files.ts';
import {
  endingSignals,
  flushedAtEnd,
  openPcap,
  reason,
  type RecordOutput,
  recordWriter,
} from './collect-output.ts';
import { valueOf, wholeNumber } from './option-values.ts';
import { standardOutput } from './output.ts';
import { UsageError } from './usage-error.ts';

interface CollectArguments extends RecordOutput {
  readonly listen: Listen;
  readonly read?: readonly string[];
  readonly idle?: number;
  readonly receiveBuffer: number;
  readonly pcap?: string;
  readonly summaryJson?: true;
}

/** Malformed Messages shown one by one; the summary has their number. */
const malformedTold = 5;

const examples = `
Examples:
  $ kafka2ipfix collect                                    rows on a terminal, JSON in a pipe
  $ kafka2ipfix collect --listen 0.0.0.0:4739 | jq .sourceIPv4Address
  $ kafka2ipfix collect --format none --idle 5s            only the summary
  $ kafka2ipfix collect --count 1000 --output flows.json --format json
  $ kafka2ipfix collect --pcap flows.pcap                  the datagrams, for tshark and similar tools
  $ kafka2ipfix collect --read flows-*.ipfix               IPFIX files instead of the network
  $ gunzip -c flows.ipfix.gz | kafka2ipfix collect --read -

As JSON, every record is one line: element names as keys, "_" for where it came from. Times are
UTC; integers above 2^53 are strings. It stops on Ctrl-C, SIGTERM, SIGHUP, --count or --idle, and then
reports what was received, what is missing by the Sequence Numbers, and what its own socket dropped.

Files have the format of RFC 5655; each one is read separately. Bytes that are not part of a Message are
reported with their position and skipped.

Exit codes: 0 success, 65 a file is incomplete or has a malformed Message, 74 not everything was
written, 78 usage error, 141 the reader of the records closed its pipe.
`;

export function registerCollect(program: Command): void {
  program
    .command('collect')
    .description('receive IPFIX over UDP and show it: a collector for tests and measurements')
    .addOption(
      new Option('--listen <host:port>', 'address to listen on; port 0: any')
        .default({ host: '127.0.0.1', port: 4739 }, '127.0.0.1:4739')
        .argParser(valueOf('--listen', listenFrom)),
    )
    .addOption(
      new Option('--format <format>', 'format of the records: table on a terminal, else json')
        // Which of them is not known before it runs, so there is no default to show.
        .choices(['json', 'table', 'none']),
    )
    .option(
      '--count <n>',
      'stop after n Data Records (options records not counted)',
      wholeNumber('--count', 1, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--idle <duration>',
      'stop this long after the last datagram, such as 5s',
      valueOf('--idle', (text) => durationFrom(text, 1, timerMsMax)),
    )
    .addOption(
      new Option('--receive-buffer <octets>', 'size to request from the kernel')
        .default(4 * 2 ** 20, '4MiB')
        .argParser(valueOf('--receive-buffer', (text) => sizeFrom(text, 1, 2 ** 31 - 1))),
    )
    .addOption(
      new Option('--read <file...>', 'read IPFIX files instead; - for standard input').conflicts([
        ...['listen', 'idle', 'receiveBuffer', 'pcap'],
      ]),
    )
    .option('--output <file>', 'write records to a file; - for standard output (the default)')
    .option('--pcap <file>', 'also write every datagram to a capture file')
    .option('--summary-json', 'also write the summary as one line of JSON to standard output')
    .addHelpText('after', examples)
    .action(async (options: CollectArguments) => {
      const { read, summaryJson } = options;
      const { summary, flushed } = await (read === undefined
        ? receive(options)
        : readFiles(read, options));
      standardError.write(summaryText(summary));
      await flushed();
      if (summaryJson === true) await standardOutput.write(`${JSON.stringify(summary)}\n`);
    });
}

/** setTimeout takes more than 2^31 - 1 ms for 1. */
const timerMsMax = 2_147_483_000;

function listenFrom(text: string): Listen {
  const listen = endpointFrom(text);
  if (listen) return listen;
  throw new ValueError('is not host:port; write it as 0.0.0.0:4739 or [::1]:4739');
}

interface Collected {
  readonly summary: CollectorSummary;
  /** Resolves when all of it is written. Rejects with OutputError. */
  readonly flushed: () => Promise<void>;
}

async function readFiles(paths: readonly string[], options: CollectArguments): Promise<Collected> {
  const { summary, isWhole, flushed } = await collectFiles(paths, options);
  if (!isWhole) process.exitCode = exitCode.badEvent;
  return { summary, flushed };
}

async function receive(options: CollectArguments): Promise<Collected> {
  const { listen, receiveBuffer } = options;
  const { promise: stopped, resolve } = Promise.withResolvers<undefined>();
  const stop = (): void => resolve(undefined);
  const records = recordWriter(options, stop);
  const pcap = options.pcap === undefined ? undefined : openPcap(options.pcap, stop);
  const collector = new Collector({
    ...listen,
    receiveBufferBytes: receiveBuffer,
    // Counting needs no values.
    decoder: { values: records !== undefined },
    ...records,
    ...(pcap && { onDatagram: (datagram) => pcap.write(datagram, address) }),
    onMessage: () => {
      if (collector.dataRecords >= (options.count ?? Infinity)) stop();
    },
    onMalformed: malformedTeller(),
  });
  let bySignal = false;
  const stopBySignal = (): void => {
    bySignal = true;
    stop();
  };
  for (const signal of endingSignals) process.once(signal, stopBySignal);
  const address: CollectorAddress = await collector.listen().catch((error: unknown) => {
    throw new UsageError(
      `--listen ${endpointText(listen)}: ${reason(error)}; name an address of this host and a free port`,
    );
  });
  say(listeningText(address, receiveBuffer));
  const idle = options.idle === undefined ? undefined : stopWhenIdle(collector, options.idle, stop);
  await stopped;
  for (const signal of endingSignals) process.removeListener(signal, stopBySignal);
  clearInterval(idle);
  await collector.close();
  const flushed = async (): Promise<void> => {
    await flushedAtEnd(records, bySignal);
    await pcap?.close();
  };
  return { summary: collector.summary(), flushed };
}

function malformedTeller(): NonNullable<CollectorOptions['onMalformed']> {
  let told = 0;
  return (error, session) => {
    told += 1;
    if (told > malformedTold) return;
    say(`malformed Message from ${session}: ${error.message}`);
    if (told === malformedTold) say('further ones are counted only');
  };
}

function stopWhenIdle(collector: Collector, idleMs: number, stop: () => void): NodeJS.Timeout {
  const look = (): void => {
    const last = collector.lastDatagramAt;
    if (last !== undefined && performance.now() - last >= idleMs) stop();
  };
  return setInterval(look, Math.min(idleMs, 100));
}
