// The demo's collector: `collect` in its own process, writing JSON into a file that is followed.

import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Environment } from '../src/config/config.ts';
import { DemoError, DemoProcess, endingText } from './process.ts';
import { flowIdOf, LineFollower, RecordSamples } from './records.ts';
import { FlowTally } from './tally.ts';

const startTimeoutMs = 15_000;
const stopPatienceMs = 15_000;

/** What the demo needs of the summary that `collect --summary-json` gives. */
export interface CollectorFigures {
  readonly messages: number;
  readonly octets: number;
  readonly sequenceGaps: number;
  readonly missingRecords: number;
  readonly malformedMessages: number;
  readonly unknownSets: number;
  readonly kernelDrops: number | 'unknown';
}

interface DemoCollectorOptions {
  readonly folder: string;
  readonly environment: Environment;
  readonly events: number;
}

/** What the process has written so far. */
interface Said {
  stdout: string;
  stderr: string;
}

/** Where it listens, and what the kernel granted it for what it has not read yet. */
interface Listening {
  readonly address: string;
  readonly bufferOctets: number;
}

export class DemoCollector {
  readonly listening: Listening;
  readonly tally: FlowTally;
  readonly samples = new RecordSamples();
  readonly #process: DemoProcess;
  readonly #lines: LineFollower;
  readonly #said: Said;
  #firstAtMs: number | undefined;
  #lastAtMs: number | undefined;

  private constructor(
    process: DemoProcess,
    said: Said,
    listening: Listening,
    { file, events }: { file: string; events: number },
  ) {
    this.#process = process;
    this.#said = said;
    this.listening = listening;
    this.#lines = new LineFollower(file);
    this.tally = new FlowTally(events);
  }

  static async start(options: DemoCollectorOptions): Promise<DemoCollector> {
    const { folder, environment, events } = options;
    const file = join(folder, 'records.json');
    const output = ['--format', 'json', '--output', file, '--summary-json'];
    const process = await DemoProcess.start({
      command: ['collect', '--listen', '127.0.0.1:0', ...output],
      environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const said: Said = { stdout: '', stderr: '' };
    const { stdout, stderr } = process.child;
    stdout?.setEncoding('utf8').on('data', (text: string) => (said.stdout += text));
    stderr?.setEncoding('utf8').on('data', (text: string) => (said.stderr += text));
    const listening = await untilListening(process, said);
    if (listening !== undefined)
      return new DemoCollector(process, said, listening, { file, events });
    await process.stop(stopPatienceMs);
    throw new DemoError(`the collector did not start: ${said.stderr.trim()}`);
  }

  /** Takes in what has come since; throws where the collector is no longer there. */
  look(): void {
    this.#read();
    if (this.#process.ending !== undefined) throw this.#failure();
  }

  /** A time of `performance.now()`; undefined before the first record. */
  get lastRecordAtMs(): number | undefined {
    return this.#lastAtMs;
  }

  /** The time from the first record to the last. */
  get seconds(): number {
    return ((this.#lastAtMs ?? 0) - (this.#firstAtMs ?? 0)) / 1000;
  }

  /** Ends it, takes in the rest of its file, and gives what it counted. */
  async finish(): Promise<CollectorFigures> {
    const { code } = await this.#process.stop(stopPatienceMs);
    if (code !== 0) throw this.#failure();
    this.#read();
    return JSON.parse(this.#said.stdout) as CollectorFigures;
  }

  async close(): Promise<void> {
    await this.#process.stop(stopPatienceMs);
    this.#lines.close();
  }

  #read(): void {
    const before = this.tally.received;
    this.#lines.read((line) => {
      this.tally.add(flowIdOf(line));
      this.samples.add(line);
    });
    if (this.tally.received === before) return;
    this.#lastAtMs = performance.now();
    this.#firstAtMs ??= this.#lastAtMs;
  }

  #failure(): DemoError {
    const { ending } = this.#process;
    const how = ending === undefined ? 'failed' : endingText(ending);
    return new DemoError(`the collector: ${how}: ${this.#said.stderr.trim()}`);
  }
}

async function untilListening(process: DemoProcess, said: Said): Promise<Listening | undefined> {
  const giveUpAt = performance.now() + startTimeoutMs;
  while (process.ending === undefined && performance.now() < giveUpAt) {
    const words = /^listening on (\S+), receive buffer ([\d,]+) octets/m.exec(said.stderr);
    if (words !== null) {
      return { address: words[1]!, bufferOctets: Number(words[2]!.replaceAll(',', '')) };
    }
    await sleep(20);
  }
  return undefined;
}
