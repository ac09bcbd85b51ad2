// A dead letter as `requeue --show` prints it: where it is from, why it is there, and its value.

import type { Returned } from '../sources/dead-letters/dead-letter-message.ts';
import type { LetterDatum } from './letter-values.ts';
import { printable } from './printable.ts';

/** Characters of a value, for people; as JSON it is whole. */
const valueMax = 2_000;

/** `datums` is undefined where the value could not be decoded. */
export function letterText(letter: Returned, datums: readonly LetterDatum[] | undefined): string {
  const { topic, partition, offset, events, reason, problem, schema, time, timestamp } = letter;
  const event = events === undefined ? '' : ` event ${events}`;
  const rows = [
    ['reason', reason],
    ['problem', problem],
    ['time', time],
    ['written', timestamp === undefined ? '' : isoTime(timestamp)],
    ['schema', schema],
    ...valueRows(letter, datums),
  ];
  const lines = rows
    .filter(([, text]) => text !== '')
    .map(([name, text]) => `  ${name!.padEnd(7)}  ${printable(text!)}\n`);
  return `${printable(`${topic}[${partition}] offset ${offset}${event}`)}\n${lines.join('')}\n`;
}

function valueRows(
  { message, left }: Returned,
  datums: readonly LetterDatum[] | undefined,
): string[][] {
  if (!message) return [['value', left === '' ? 'none' : `left out: ${left}`]];
  if (!datums) return [['value', hexText(message.value)]];
  return datums.map(({ event, value }) => [
    event === undefined ? 'value' : `event ${event}`,
    cut(JSON.stringify(value)),
  ]);
}

function hexText(value: unknown): string {
  if (!Buffer.isBuffer(value)) return 'none';
  return `hex ${cut(value.toString('hex'))} (${value.length} bytes)`;
}

const cut = (text: string): string =>
  text.length <= valueMax ? text : `${text.slice(0, valueMax)}… (${text.length} characters)`;

/** As `1700000000000`; a header can hold anything. */
function isoTime(text: string): string {
  const ms = Number(text);
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString() : text;
}

/** One line of JSON; `value` is whole, `hex` is there where it could not be decoded. */
export function letterJson(letter: Returned, datums: readonly LetterDatum[] | undefined): string {
  const { topic, partition, offset, events, reason, problem, path, schema } = letter;
  const { time, timestamp, left, message } = letter;
  const line = {
    ...{ topic, partition, offset, events, reason, problem, path, schema, time },
    ...(timestamp !== undefined && { written: isoTime(timestamp) }),
    ...(left !== '' && { left }),
    ...valueFields(message?.value, datums),
  };
  return `${JSON.stringify(line)}\n`;
}

function valueFields(value: unknown, datums: readonly LetterDatum[] | undefined): object {
  if (!datums) return Buffer.isBuffer(value) ? { hex: value.toString('hex') } : {};
  const [first] = datums;
  return first?.event === undefined ? { value: first?.value } : { values: datums };
}
