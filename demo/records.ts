// The records as `collect` writes them, a JSON object on a line: follows its file, and picks a few
// of different kinds to show.

import { closeSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';

const CHUNK_OCTETS = 2 ** 20;

/** Calls back with each whole line by which a file has grown. */
export class LineFollower {
  readonly #descriptor: number;
  readonly #chunk = Buffer.allocUnsafe(CHUNK_OCTETS);
  readonly #decoder = new StringDecoder('utf8');
  #rest = '';

  constructor(file: string) {
    this.#descriptor = openSync(file, 'r');
  }

  /** Reads up to the file's present end. */
  read(onLine: (line: string) => void): void {
    for (;;) {
      const octets = readSync(this.#descriptor, this.#chunk);
      if (octets === 0) return;
      const text = this.#rest + this.#decoder.write(this.#chunk.subarray(0, octets));
      const lines = text.split('\n');
      this.#rest = lines.pop() ?? '';
      for (const line of lines) onLine(line);
    }
  }

  close(): void {
    closeSync(this.#descriptor);
  }
}

// Within a string every quote is escaped, so that these can only be the keys themselves. To parse
// each line would cost more than all else that the demo does.
const flowIdKey = /"flowId":"?(\d+)/;
const templateIdKey = /"templateId":(\d+),"options":false/;

export function flowIdOf(line: string): number | undefined {
  const digits = flowIdKey.exec(line)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** One record of each Template. */
export class RecordSamples {
  readonly #lines = new Map<string, string>();

  add(line: string): void {
    const templateId = templateIdKey.exec(line)?.[1];
    if (templateId === undefined || this.#lines.has(templateId)) return;
    this.#lines.set(templateId, line);
  }

  /** Samples for IPv4, IPv6 and ICMP, as far as they came; each over several lines. */
  texts(columns: number, dim: (text: string) => string): string[] {
    const lines = [...this.#lines.values()];
    const icmp = (line: string): boolean => line.includes('"icmpType');
    const picked = [
      lines.find((line) => line.includes('"sourceIPv4Address"') && !icmp(line)),
      lines.find((line) => line.includes('"sourceIPv6Address"') && !icmp(line)),
      lines.find(icmp),
    ];
    return picked
      .filter((line) => line !== undefined)
      .map((line) => recordText(JSON.parse(line) as Record<string, unknown>, columns, dim));
  }
}

const indent = ' '.repeat(4);

/** `name=value` pairs, wrapped. */
function recordText(
  { _: where, ...elements }: Record<string, unknown>,
  columns: number,
  dim: (text: string) => string,
): string {
  const { templateId } = where as { templateId: number };
  const version = 'sourceIPv6Address' in elements ? 'IPv6' : 'IPv4';
  const lines: string[] = [`  ${version}, Template ${templateId}:`];
  let width = Infinity;
  for (const [name, value] of Object.entries(elements)) {
    const shown = valueText(value);
    const word = `${dim(`${name}=`)}${shown}`;
    const wordWidth = name.length + 1 + shown.length;
    if (width + 2 + wordWidth > columns) {
      lines.push(indent + word);
      width = indent.length + wordWidth;
    } else {
      lines.push(`${lines.pop() ?? ''}  ${word}`);
      width += 2 + wordWidth;
    }
  }
  return lines.join('\n');
}

/** What came over the network must not speak to the terminal, nor look like two values. */
function valueText(value: unknown): string {
  if (typeof value === 'string' && /^[!-~]+$/.test(value)) return value;
  return JSON.stringify(value).replace(
    /[^ -~]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
