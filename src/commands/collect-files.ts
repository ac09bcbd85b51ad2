// `collect --read`: IPFIX Files (RFC 5655) through the same decoder as datagrams. Each file is a
// Transport Session of its own.

import { addAbortSignal, type Readable } from 'node:stream';
import { CollectingProcess } from '../collector/collecting-process.ts';
import { MessageCutter, type FilePart } from '../collector/message-cutter.ts';
import type { CollectorSummary } from '../collector/summary.ts';
import { say } from '../log/log.ts';
import { openInput } from '../sources/file/open-input.ts';
import { figure, startProgress } from '../progress.ts';
import {
  endingSignals,
  flushedAtEnd,
  reason,
  type RecordOutput,
  recordWriter,
  type RecordWriter,
} from './collect-output.ts';
import { UsageError } from './usage-error.ts';

interface FileReading {
  readonly summary: CollectorSummary;
  /** False where any octets were not well-formed Messages. */
  readonly isWhole: boolean;
  /** Resolves when all of it is written. Rejects with OutputError. */
  readonly flushed: () => Promise<void>;
}

interface Input {
  readonly name: string;
  /** 0 where it is not known. */
  readonly octets: number;
  readonly stream: Readable;
}

/** Faults shown one by one; all of them are in the exit code. */
const faultsTold = 20;

/** Reads until the end, --count or a signal. Throws UsageError. */
export async function collectFiles(
  paths: readonly string[],
  options: RecordOutput,
): Promise<FileReading> {
  const inputs = paths.map(inputOf);
  const stopped = new AbortController();
  const stop = (): void => stopped.abort();
  const aborted = new Promise((resolve) => stopped.signal.addEventListener('abort', resolve));
  const reading = new Reading(options, stop);
  const progress = progressOf(inputs, options);
  let bySignal = false;
  const stopBySignal = (): void => {
    bySignal = true;
    stop();
  };
  for (const signal of endingSignals) process.once(signal, stopBySignal);
  let octets = 0;
  try {
    for (const { name, stream } of inputs) {
      const cutter = new MessageCutter();
      for await (const chunk of untilAborted(stream, stopped.signal)) {
        if (stopped.signal.aborted) break;
        reading.take(cutter.push(chunk), name);
        octets += chunk.length;
        progress?.update(octets, `${figure(reading.dataRecords)} Data Records`);
        await Promise.race([reading.flushed(), aborted]);
      }
      if (stopped.signal.aborted) break;
      reading.take(cutter.end(), name);
    }
  } finally {
    progress?.stop();
    for (const signal of endingSignals) process.removeListener(signal, stopBySignal);
  }
  const flushed = (): Promise<void> => flushedAtEnd(reading.writer, bySignal);
  return { summary: reading.summary, isWhole: reading.faults === 0, flushed };
}

/** Its chunks, and no more of them after the wish to stop, even where none comes. */
async function* untilAborted(stream: Readable, signal: AbortSignal): AsyncGenerator<Buffer> {
  try {
    yield* addAbortSignal(signal, stream) as AsyncIterable<Buffer>;
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}

class Reading {
  faults = 0;
  readonly #process: CollectingProcess;
  readonly writer: RecordWriter | undefined;
  readonly #count: number;
  readonly #stop: () => void;
  /** Where the Message that is being decoded begins. */
  #at = 0;

  constructor(options: RecordOutput, stop: () => void) {
    this.writer = recordWriter(options, stop);
    this.#count = options.count ?? Infinity;
    this.#stop = stop;
    this.#process = new CollectingProcess({
      // Counting needs no values. RFC 5655 §7.1: a file's withdrawals are meant.
      decoder: { values: this.writer !== undefined, withdrawals: 'obey' },
      ...(this.writer && { onRecord: this.writer.onRecord }),
      onMalformed: (error, name) => this.#fault(name, this.#at, error.message),
    });
  }

  get dataRecords(): number {
    return this.#process.dataRecords;
  }

  get summary(): CollectorSummary {
    return this.#process.summary();
  }

  /** Rejects with OutputError. */
  async flushed(): Promise<void> {
    await this.writer?.flushed();
  }

  take(parts: readonly FilePart[], name: string): void {
    for (const part of parts) {
      this.#at = part.at;
      if (part.kind === 'message') this.#process.take(part.octets, name);
      else this.#fault(name, part.at, `${part.problem}; ${octetsText(part.length)} skipped`);
      if (this.dataRecords >= this.#count) {
        this.#stop();
        break;
      }
    }
    this.writer?.onSlice();
  }

  #fault(name: string, at: number, problem: string): void {
    this.faults += 1;
    if (this.faults <= faultsTold) say(`${name}: octet ${at}: ${problem}`);
    if (this.faults === faultsTold) say('further faults are not shown');
  }
}

const octetsText = (count: number): string => `${count} ${count === 1 ? 'octet' : 'octets'}`;

function inputOf(path: string): Input {
  try {
    return { name: path, ...openInput(path) };
  } catch (error) {
    throw new UsageError(`--read ${path}: ${reason(error)}`);
  }
}

/** Only where it does not run into the records, and there is an end to see. */
function progressOf(inputs: readonly Input[], { output, format }: RecordOutput) {
  const total = inputs.reduce((sum, { octets }) => sum + octets, 0);
  const isAlone = output !== undefined || format === 'none' || !process.stdout.isTTY;
  if (!process.stderr.isTTY || !isAlone || inputs.some(({ octets }) => octets === 0)) return;
  return startProgress({ done: 'octets read', total, stream: process.stderr });
}
