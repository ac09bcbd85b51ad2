// What is in IPFIX files, cut by nothing but each Message's own Length.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

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
