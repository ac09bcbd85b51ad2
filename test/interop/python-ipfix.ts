// python-ipfix over a stream of Messages, by a small script of ours, and what it shows of an element.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Shown } from './element-reader.ts';
import { pythonWith } from '../support/processes/tool-path.ts';

export type PythonRecord = Readonly<Record<string, string>>;

export interface PythonReading {
  readonly records: PythonRecord[];
  /** Messages that it could not read. */
  readonly complaints: string[];
}

const script = join(import.meta.dirname, 'python-ipfix.py');

export async function readWithPythonIpfix(messages: readonly Buffer[]): Promise<PythonReading> {
  const python = spawn(pythonWith('ipfix')!, [script], {
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let [stdout, stderr] = ['', ''];
  python.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
  python.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  python.stdin.end(Buffer.concat(messages));
  const [code] = (await once(python, 'close')) as [number | null];
  if (code !== 0) throw new Error(`python-ipfix ended with ${code}: ${stderr}`);
  const lines = stdout.split('\n').filter((line) => line !== '');
  const told = lines.map((line) => JSON.parse(line) as PythonRecord);
  return {
    records: told.filter((record) => !('fault' in record)),
    complaints: told.flatMap(({ fault }) => fault ?? []),
  };
}

export function pythonIpfixVersion(): string {
  const asked = 'import importlib.metadata as m; print(m.version("ipfix"))';
  return execFileSync(pythonWith('ipfix')!, ['-c', asked], { encoding: 'utf8' }).trim();
}

/** Elements that it does not know it calls `_ipfix_ENTERPRISE_ID`: those are skipped. */
export function shownByPythonIpfix(record: PythonRecord): Shown {
  return ({ element: { name, type } }) => {
    const text = record[name];
    return type === 'macAddress' ? text?.replace(/..\B/g, '$&:') : text;
  };
}
