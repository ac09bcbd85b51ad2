// Where the `collect` command puts what it received: records as text, datagrams as a capture.

import { appendFileSync, closeSync, openSync, writeSync } from 'node:fs';
import type { CollectingOptions } from '../collector/collecting-process.ts';
import type { CollectorAddress, Received } from '../collector/collector.ts';
import { pcapFileHeader, pcapPacket } from '../collector/pcap.ts';
import { jsonLine, RecordTable } from '../collector/record-text.ts';
import { UsageError } from './usage-error.ts';

export type Format = 'json' | 'table' | 'none';

export interface RecordOutput {
  readonly format?: Format;
  readonly count?: number;
  readonly output?: string;
}

export interface RecordWriter extends Required<Pick<CollectingOptions, 'onRecord'>> {
  /** Writes what has come together. */
  readonly onSlice: () => void;
}

/** Collects the text of a slice's records and writes it at once; undefined for `--format none`. */
export function recordWriter(options: RecordOutput, stop: () => void): RecordWriter | undefined {
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
  const descriptor = openedFor('--output', file, 'w');
  return (text) => {
    try {
      appendFileSync(descriptor, text);
    } catch (error) {
      console.error(`cannot write ${file}: ${reason(error)}`);
      stop();
    }
  };
}

export interface PcapOutput {
  readonly write: (datagram: Received, to: CollectorAddress) => void;
  readonly close: () => void;
}

/** Every datagram as it came, with the address that it came from. */
export function openPcap(file: string, stop: () => void): PcapOutput {
  const descriptor = openedFor('--pcap', file, 'w');
  const write = (octets: Buffer): void => {
    try {
      writeSync(descriptor, octets);
    } catch (error) {
      console.error(`cannot write ${file}: ${reason(error)}`);
      stop();
    }
  };
  write(pcapFileHeader());
  return {
    write: (datagram, { host: address, port }) =>
      write(pcapPacket({ ...datagram, to: { address, port } })),
    close: () => closeSync(descriptor),
  };
}

/** Throws UsageError, so that a wrong name is told before anything is received. */
export function openedFor(option: string, file: string, flags: 'r' | 'w'): number {
  try {
    return openSync(file, flags);
  } catch (error) {
    throw new UsageError(`${option} ${file}: ${reason(error)}`);
  }
}

export const reason = (error: unknown): string =>
  error instanceof Error ? error.message : String(error);
