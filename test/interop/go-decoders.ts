// Decoders in Go, each in a small program of ours around it: go-ipfix's collector, vFlow's decoder and
// the one of Filebeat's netflow input.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { isIPv6 } from 'node:net';
import { join } from 'node:path';
import { goProgram } from '../support/processes/go-program.ts';
import type { ElementReader, Shown } from './element-reader.ts';
import type { ElementRecord } from './element-records.ts';
import { shortIPv6, timeText } from './element-text.ts';

/** A Data Record as a program shows it: by element, as text. */
export type GoRecord = Readonly<Record<string, string>>;

export interface GoDecoder {
  readonly name: 'go-ipfix' | 'vflow' | 'filebeat';
  readonly module: string;
}

export const goIpfix: GoDecoder = { name: 'go-ipfix', module: 'github.com/vmware/go-ipfix' };
export const vflow: GoDecoder = { name: 'vflow', module: 'github.com/EdgeCast/vflow' };
export const filebeat: GoDecoder = { name: 'filebeat', module: 'github.com/elastic/beats/v7' };
export const goDecoders = [goIpfix, vflow, filebeat] as const;

const sources = join(import.meta.dirname, 'go');

/** Of the module that is required: no build is needed to know it. */
export function goDecoderVersion({ name, module }: GoDecoder): string {
  const required = readFileSync(join(sources, name, 'go.mod'), 'utf8');
  const at = required.indexOf(`${module} v`);
  return /v(\S+)/.exec(required.slice(at + module.length))?.[1] ?? 'unknown';
}

/** The program's path; built first where it is missing. */
export const goDecoderProgram = ({ name }: GoDecoder): Promise<string> =>
  goProgram(`decoder-${name}`, join(sources, name));

export interface GoReading {
  readonly records: GoRecord[];
  /** What it says of faults, on standard error; a panic's text where it ended by one. */
  readonly complaints: string[];
  readonly code: number | null;
}

export async function readWithGo(
  decoder: GoDecoder,
  messages: readonly Buffer[],
): Promise<GoReading> {
  const child = spawn(await goDecoderProgram(decoder), [], { stdio: ['pipe', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  // A program that has panicked reads no more.
  child.stdin.on('error', () => undefined);
  child.stdin.end(messages.map((message) => `${message.toString('hex')}\n`).join(''));
  const [code] = (await once(child, 'close')) as [number | null];
  const lines = (text: string) => text.split('\n').filter((line) => line !== '');
  return {
    records: lines(stdout).map((line) => JSON.parse(line) as GoRecord),
    complaints: lines(stderr),
    code,
  };
}

/** A process for each record: what makes a program panic costs the others nothing. */
export function goReader(decoder: GoDecoder, textsOf: (record: GoRecord) => Shown): ElementReader {
  return {
    name: decoder.name,
    tools: ['go'],
    version: () => goDecoderVersion(decoder),
    async read(records: readonly ElementRecord[]) {
      await goDecoderProgram(decoder);
      const shown: (Shown | undefined)[] = [];
      for (let at = 0; at < records.length; at += atOnce) {
        const readings = await Promise.all(
          records.slice(at, at + atOnce).map(({ messages }) => readWithGo(decoder, messages)),
        );
        shown.push(...readings.map(({ records: [record] }) => record && textsOf(record)));
      }
      return shown;
    },
  };
}

const atOnce = 8;

/** Of `2023-11-14T22:13:20.123456789`; what is finer than the element was not sent. */
const timeLengths: Readonly<Record<string, number>> = {
  dateTimeSeconds: 19,
  dateTimeMilliseconds: 23,
  dateTimeMicroseconds: 26,
  dateTimeNanoseconds: 29,
};

/** Elements that it does not know have no name. */
export const goTexts =
  (record: GoRecord): Shown =>
  ({ element: { name, type } }) => {
    const text = record[name];
    if (text === undefined) return undefined;
    // Counts since 1970; Filebeat has times as text, and vFlow the NTP form of finer ones as a number.
    const isCount = /^\d{1,15}$/.test(text);
    if (type === 'dateTimeSeconds' && isCount) return timeText(BigInt(text), 0);
    if (type === 'dateTimeMilliseconds' && isCount) return timeText(BigInt(text), 3);
    if (type.startsWith('dateTime')) return text.slice(0, timeLengths[type]);
    return type === 'ipv6Address' && isIPv6(text) ? shortIPv6(text) : text;
  };

export const goReaders = goDecoders.map((decoder) => goReader(decoder, goTexts));
