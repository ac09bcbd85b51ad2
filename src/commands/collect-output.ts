// Where the `collect` command puts what it received: records as text, datagrams as a capture.

import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { CollectingOptions } from '../collector/collecting-process.ts';
import type { CollectorAddress, Received } from '../collector/collector.ts';
import { pcapFileHeader, pcapPacket } from '../collector/pcap.ts';
import { jsonLine, RecordTable } from '../collector/record-text.ts';
import { Output, OutputError, standardOutput } from './output.ts';
import { UsageError } from './usage-error.ts';

/** SIGHUP: the terminal is gone. */
export const endingSignals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

type Format = 'json' | 'table' | 'none';

export interface RecordOutput {
  readonly format?: Format;
  readonly count?: number;
  readonly output?: string;
}

export interface RecordWriter extends Required<Pick<CollectingOptions, 'onRecord'>> {
  /** Writes what has come together. */
  readonly onSlice: () => void;
  /** Where they go, for messages. */
  readonly place: string;
  /** Resolves when the reader has all of it, for as long as that takes. Rejects with OutputError. */
  readonly flushed: () => Promise<void>;
}

/** A network does not wait for the reader: what is beyond this is lost, and the command stops. */
const heldOctetsMax = 2 ** 26;

/** Collects the text of a slice's records and writes it at once; undefined for `--format none`. */
export function recordWriter(options: RecordOutput, stop: () => void): RecordWriter | undefined {
  const { count = Infinity } = options;
  const file = options.output === '-' ? undefined : options.output;
  const terminal = file === undefined && process.stdout.isTTY;
  const format = options.format ?? (terminal ? 'table' : 'json');
  if (format === 'none') return undefined;
  const output =
    file === undefined ? standardOutput : new Output(file, openedFor('--output', file, 'w'));
  const place = file ?? 'standard output';
  const bounded = boundedOutput(output, place, stop);
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
      bounded.push(text);
      text = '';
    },
    flushed: bounded.flushed,
    place,
  };
}

/** An Output that gives up where its reader is too slow; `stop` is called at a failure. */
function boundedOutput(output: Output, place: string, stop: () => void) {
  let tooSlow: OutputError | undefined;
  output.onFailed = stop;
  return {
    push: (data: string | Buffer): void => {
      if (tooSlow) return;
      if (output.heldOctets <= heldOctetsMax) {
        output.push(data);
        return;
      }
      tooSlow = new OutputError(place, new Error('its reader is too slow'));
      stop();
    },
    flushed: async (): Promise<void> => {
      if (tooSlow) throw tooSlow;
      await output.flushed();
    },
  };
}

/** After a signal the reader has this long. */
const lastOctetsMs = 1_000;

/** The end of what was written; after a signal a reader that does not read is not waited for. */
export async function flushedAtEnd(
  writer: RecordWriter | undefined,
  bySignal: boolean,
): Promise<void> {
  if (!writer) return;
  if (!bySignal) return writer.flushed();
  const tooLate = new AbortController();
  const { signal } = tooLate;
  const late = sleep(lastOctetsMs, true, { signal }).catch(() => false);
  const isLate = await Promise.race([writer.flushed().then(() => false), late]).finally(() =>
    tooLate.abort(),
  );
  if (isLate) throw new OutputError(writer.place, new Error('its reader does not read'));
}

interface PcapOutput {
  readonly write: (datagram: Received, to: CollectorAddress) => void;
  /** Rejects with OutputError. */
  readonly close: () => Promise<void>;
}

/** Every datagram as it came, with the address that it came from. */
export function openPcap(file: string, stop: () => void): PcapOutput {
  const descriptor = openedFor('--pcap', file, 'w');
  const output = boundedOutput(new Output(file, descriptor), file, stop);
  output.push(pcapFileHeader());
  return {
    write: (datagram, { host: address, port }) =>
      output.push(pcapPacket({ ...datagram, to: { address, port } })),
    close: async () => {
      await output.flushed();
      closeSync(descriptor);
    },
  };
}

/** Throws UsageError, so that a wrong name is reported before anything is received. */
function openedFor(option: string, file: string, flags: 'w'): number {
  try {
    return openSync(file, flags);
  } catch (error) {
    throw new UsageError(`${option} ${file}: ${reason(error)}`);
  }
}

export const reason = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
