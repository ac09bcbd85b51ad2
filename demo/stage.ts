// The stage under demonstration: `run` in its own process, set up only by environment variables,
// its log in a file.

import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Environment } from '../src/config/config.ts';
import { settings } from '../src/config/settings.ts';
import { DemoProcess } from './process.ts';

/** `collect` writes JSON so fast with Kafka and the stage beside it on two cores. */
const recordsPerSecondMax = 40_000;
/** What the kernel counts for a datagram of 1,472 octets, and how many records that has. */
const heldMessageOctets = 2304;
const messageRecords = 12;
const lookAwaySeconds = 0.3;

const tailLines = 12;
const tailColumns = 400;

interface DemoStageOptions {
  readonly folder: string;
  readonly environment: Environment;
  /** Where it reads from. */
  readonly input: Readonly<Record<string, string>>;
  readonly collector: string;
  readonly recordsPerSecond: number;
}

export interface DemoStage {
  readonly process: DemoProcess;
  /** Its log's last lines. */
  readonly logTail: () => Promise<string[]>;
}

export async function startStage(options: DemoStageOptions): Promise<DemoStage> {
  const logFile = join(options.folder, 'stage.log');
  const log = await open(logFile, 'w');
  try {
    const process = await DemoProcess.start({
      command: ['run'],
      environment: {
        ...options.environment,
        ...options.input,
        COLLECTORS: `ipfix://${options.collector}`,
        EXPORT_RATE_LIMIT: String(options.recordsPerSecond),
        HTTP_LISTEN: 'off',
        LOG_FORMAT: 'json',
        LOG_LEVEL: 'info',
      },
      stdio: ['ignore', log.fd, log.fd],
    });
    return { process, logTail: () => tail(logFile) };
  } finally {
    await log.close();
  }
}

/**
 * What a collector can hold that is not looked at for a third of a second, on a busy machine, of
 * full Messages: Linux grants less than half a mebioctet by default, and drops the rest.
 */
export function gentleRate(bufferOctets: number): number {
  const messages = bufferOctets / heldMessageOctets;
  const rate = (messages * messageRecords) / lookAwaySeconds;
  return Math.min(recordsPerSecondMax, Math.max(1000, Math.floor(rate / 1000) * 1000));
}

/** The user's own settings must not change the demo, nor NODE_ENV what kafkajs does. */
export function withoutSettings(environment: Environment): Environment {
  const ours = new Set(['NODE_ENV', ...Object.keys(settings)]);
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !ours.has(name)));
}

async function tail(file: string): Promise<string[]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.slice(-tailLines).map((line) => line.slice(0, tailColumns));
}
