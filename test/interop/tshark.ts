// tshark's reading of a capture: one Map of field names to what it shows for each Data Record.
// PDML, because it alone nests the fields of a record below that record.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';

export interface TsharkReading {
  readonly records: ReadonlyMap<string, string>[];
  /** What it found wrong with any packet: malformed, out of sequence, without a Template. */
  readonly complaints: string[];
}

// PDML's lines, as tshark writes them
//   record    => <field name="" show="Flow 1" …>
//   value     => <field name="cflow.octets" … show="197568" …>
//   complaint => <field name="_ws.expert" showname="Expert Info (Warning/Sequence): …" …>
const recordLine = /^( *)<field name="" show="Flow \d+"/;
const valueLine = /^ *<field name="(cflow\.[^"]+)" .*? show="([^"]*)"/;
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
  const complaints: string[] = [];
  let record: Map<string, string> | undefined;
  let recordEnd = '';
  for await (const line of createInterface({ input: tshark.stdout })) {
    const [, indent] = recordLine.exec(line) ?? [];
    if (indent !== undefined) {
      recordEnd = `${indent}</field>`;
      record = new Map();
      records.push(record);
      continue;
    }
    if (line === recordEnd) record = undefined;
    const [, complaint] = complaintLine.exec(line) ?? [];
    if (complaint !== undefined) complaints.push(complaint);
    const [, name = '', shown = ''] = valueLine.exec(line) ?? [];
    if (name !== '') record?.set(name, shown);
  }
  const [code] = await exited;
  if (code !== 0) throw new Error(`tshark ended with ${code}: ${stderr}`);
  return { records, complaints };
}
