// tshark's reading of a capture: one Map of field names to what it shows for each Data Record.
// PDML, because it alone nests the fields of a record below that record.

import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface TsharkField {
  readonly name: string;
  readonly shown: string;
  /** Of its first octet, counted from the beginning of the packet. */
  readonly at: number;
}

export interface TsharkReading {
  readonly records: ReadonlyMap<string, string>[];
  /** The same, each field with its place in the packet. */
  readonly fields: readonly TsharkField[][];
  /** What it found wrong with any packet: malformed, out of sequence, without a Template. */
  readonly complaints: string[];
}

// PDML's lines, as tshark writes them
//   record    => <field name="" show="Flow 1" …>
//   value     => <field name="cflow.octets" … pos="55" show="197568" …>
//   complaint => <field name="_ws.expert" showname="Expert Info (Warning/Sequence): …" …>
const recordLine = /^( *)<field name="" show="Flow \d+"/;
const valueLine = /^ *<field name="(cflow\.[^"]+)" .*? pos="(\d+)" show="([^"]*)"/;
const complaintLine = /name="_ws\.(?:malformed|expert)" showname="([^"]*)"/;

export async function readWithTshark(pcap: string, port: number): Promise<TsharkReading> {
  const options = ['-r', pcap, '-d', `udp.port==${port},cflow`, '-T', 'pdml', '-J', 'cflow'];
  const tshark = spawn('tshark', options, {
    env: { ...process.env, TZ: 'UTC' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const exited = once(tshark, 'exit') as Promise<[number | null]>;
  let stderr = '';
  tshark.stderr.setEncoding('utf8').on('data', (text: string) => (stderr += text));
  const records: Map<string, string>[] = [];
  const fields: TsharkField[][] = [];
  const complaints: string[] = [];
  let record: Map<string, string> | undefined;
  let recordEnd = '';
  for await (const line of createInterface({ input: tshark.stdout })) {
    const [, indent] = recordLine.exec(line) ?? [];
    if (indent !== undefined) {
      recordEnd = `${indent}</field>`;
      record = new Map();
      records.push(record);
      fields.push([]);
      continue;
    }
    if (line === recordEnd) record = undefined;
    const [, complaint] = complaintLine.exec(line) ?? [];
    if (complaint !== undefined) complaints.push(complaint);
    const [, name = '', at = '', shown = ''] = valueLine.exec(line) ?? [];
    if (name === '' || !record) continue;
    record.set(name, shown);
    fields.at(-1)!.push({ name, shown, at: Number(at) });
  }
  const [code] = await exited;
  if (code !== 0) throw new Error(`tshark ended with ${code}: ${stderr}`);
  return { records, fields, complaints };
}

/** As `TShark (Wireshark) 4.0.17 (Git …).` tells it. */
export function tsharkVersion(): string {
  const told = execFileSync('tshark', ['--version'], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  return /(\d+\.\d+\.\d+)/.exec(told)?.[1] ?? told.trim();
}
