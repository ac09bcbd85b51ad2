// libfixbuf's ipfixDump over a stream of Messages, and what it shows of an element.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Shown } from './element-reader.ts';
import { shortIPv6 } from './element-text.ts';

/** The name it shows → its text, a list's items joined; of a name that comes twice, the later one. */
export type DumpedRecord = ReadonlyMap<string, string>;

export interface DumpReading {
  readonly records: DumpedRecord[];
  /** What it says of faults, on standard error. */
  readonly complaints: string[];
}

// ipfixDump's lines
//   record => --- data record 86 ---
//   value  => 	(29305/2)        reversePacketDeltaCount : 555666
//   text   => 	(96)                     applicationName : (len: 5) abcde
//   item   => 			1  : 70001
//             			(10)                    ingressInterface : 70001
const recordLine = /^--- (?:data|options data) record \d+ ---/;
const valueLine = /^\t\((?:\d+\/)?\d+\)\s+(\w+) : ?(.*)$/;
const itemLine = /^\t\t\t(?:\d+|\((?:\d+\/)?\d+\)\s+\w+)\s+: (?:\(len: \d+\) )?(.*)$/;

export async function readWithIpfixDump(messages: readonly Buffer[]): Promise<DumpReading> {
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-ipfixdump-'));
  const file = join(folder, 'messages.ipfix');
  writeFileSync(file, Buffer.concat(messages));
  try {
    const dump = spawn('ipfixDump', ['--data', '--hexdump=65535', '--in', file], {
      env: { ...process.env, TZ: 'UTC' },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let [stdout, stderr] = ['', ''];
    dump.stdout.setEncoding('utf8').on('data', (text: string) => (stdout += text));
    dump.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
    const [code] = (await once(dump, 'close')) as [number | null];
    const complaints = stderr.split('\n').filter((line) => line !== '');
    if (code !== 0) complaints.push(`ended with ${code}`);
    return { records: recordsOf(stdout), complaints };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function recordsOf(text: string): DumpedRecord[] {
  const records: Map<string, string>[] = [];
  let list = '';
  for (const line of text.split('\n')) {
    if (recordLine.test(line)) records.push(new Map());
    const [, name = '', value = ''] = valueLine.exec(line) ?? [];
    if (name !== '') {
      records.at(-1)?.set(name, value);
      list = name;
    }
    const [, item] = itemLine.exec(line) ?? [];
    const before = records.at(-1)?.get(list) ?? '';
    if (item !== undefined) records.at(-1)?.set(list, before === '' ? item : `${before},${item}`);
  }
  return records;
}

/** As `ipfixDump version 2.4.1 (c) …` tells it; 2.4.1 tells it on standard error. */
export function ipfixDumpVersion(): string {
  const told = execFileSync('/bin/sh', ['-c', 'ipfixDump --version 2>&1'], { encoding: 'utf8' });
  return /version (\S+)/.exec(told)?.[1] ?? told.trim();
}

/** Elements that it does not know it shows nameless: those are skipped. */
export function shownByIpfixDump(record: DumpedRecord): Shown {
  return ({ element: { name, type } }) => {
    const text = record.get(name);
    if (text === undefined) return undefined;
    switch (type) {
      case 'string':
        return text.replace(/^\(len: \d+\) ?/, '');
      case 'octetArray':
        return text.replace(/^\(len: \d+\) 0x/, '');
      case 'boolean':
        return text === '1' ? 'true' : text === '2' ? 'false' : text;
      case 'ipv6Address':
        return shortIPv6(text);
      default:
        return text.replace(/^(\d{4}-\d\d-\d\d) /, '$1T');
    }
  };
}
