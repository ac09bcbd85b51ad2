// What is in IPFIX files, cut by nothing but each Message's own Length.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { MessageCutter } from '../../../src/collector/message-cutter.ts';
import { type DecodedRecord, Decoder } from '../../../src/ipfix/decoder.ts';

/** The names in a folder, sorted. */
export const namesIn = (folder: string): string[] => readdirSync(folder).sort();

/** The Messages of a file; throws where it is not whole Messages and nothing else. */
export function messagesOf(path: string): Buffer[] {
  const octets = readFileSync(path);
  const messages: Buffer[] = [];
  for (let at = 0; at < octets.length;) {
    const length = octets.length - at >= 16 ? octets.readUInt16BE(at + 2) : 0;
    if (length < 16 || octets.readUInt16BE(at) !== 10 || at + length > octets.length) {
      throw new Error(`${path}: no whole Message at octet ${at}`);
    }
    messages.push(octets.subarray(at, at + length));
    at += length;
  }
  return messages;
}

export const messagesIn = (folder: string, name: string): Buffer[] =>
  messagesOf(join(folder, name));

export interface FlowsInFiles {
  /** How often each flowId is in any of the files. */
  readonly times: ReadonlyMap<number, number>;
  /** Data Sets before their Template, and Sequence Numbers that do not follow on. */
  readonly faults: readonly string[];
  /** Files that break off within a Message. */
  readonly torn: readonly string[];
}

/** All flows in a folder's files, each file read for itself. */
export function flowsIn(
  folder: string,
  isFlow: (record: DecodedRecord) => boolean = () => true,
): FlowsInFiles {
  const times = new Map<number, number>();
  const faults: string[] = [];
  const torn: string[] = [];
  for (const name of namesIn(folder)) {
    const cutter = new MessageCutter();
    const decoder = new Decoder();
    const next = new Map<number, number>();
    for (const part of [...cutter.push(readFileSync(join(folder, name))), ...cutter.end()]) {
      if (part.kind === 'fault') {
        torn.push(name);
        continue;
      }
      const message = decoder.decode(part.octets);
      const { observationDomainId: domain, sequenceNumber, records, unknownSets } = message;
      const expected = next.get(domain) ?? 0;
      const isInTurn = sequenceNumber === expected && unknownSets.length === 0;
      if (!isInTurn) faults.push(`${name}: octet ${part.at}: ${sequenceNumber}, not ${expected}`);
      next.set(domain, expected + message.dataRecordCount);
      for (const { values } of records.filter(isFlow)) {
        const id = Number(values.find(({ element }) => element.name === 'flowId')?.value);
        times.set(id, (times.get(id) ?? 0) + 1);
      }
    }
  }
  return { times, faults, torn };
}
