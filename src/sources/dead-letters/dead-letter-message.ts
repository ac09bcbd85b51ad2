// A dead letter as a Kafka message, and what is read of one: the original key, value and headers, and
// headers of ours that say where it is from, when it was written there, and why it is here. Its own time
// is that of its writing: by the original one retention could remove it before anybody reads it.

import type { IHeaders, KafkaMessage, Message } from 'kafkajs';
import { type DeadLetter, eventsHeader, headerPrefix, timestampHeader } from '../dead-letter.ts';

/** What of a letter is left out where the broker takes no more. */
export interface LetterForm {
  readonly gzip: boolean;
  readonly without: 'nothing' | 'value' | 'everything';
}

export const wholeForm: LetterForm = { gzip: false, without: 'nothing' };

/** The next smaller form; undefined where there is none. */
export function smallerForm(form: LetterForm): LetterForm | undefined {
  if (!form.gzip) return { ...form, gzip: true };
  if (form.without === 'nothing') return { ...form, gzip: false, without: 'value' };
  return form.without === 'value' ? { ...form, gzip: false, without: 'everything' } : undefined;
}

/** Who writes letters. */
export interface LetterWriter {
  readonly groupId: string;
  readonly version: string;
}

const problemMax = 1_024;

export function messageOf(
  letter: DeadLetter,
  { groupId, version }: LetterWriter,
  { without }: LetterForm,
  timeMs: number,
): Message {
  const { key, value, headers, timestampMs } = letter;
  const isBare = without === 'everything';
  const ours: Record<string, string | undefined> = {
    topic: letter.topic,
    partition: String(letter.partition),
    offset: String(letter.offset),
    timestamp: timestampMs === undefined ? undefined : String(timestampMs),
    reason: letter.reason,
    problem: letter.problem.slice(0, problemMax),
    path: letter.path,
    schema: letter.schema,
    events: letter.events,
    group: groupId,
    version,
    time: new Date(timeMs).toISOString(),
    left: leftOut(letter, without),
  };
  const original = isBare ? [] : headers;
  return {
    key: isBare ? null : key,
    value: without === 'nothing' ? value : null,
    headers: { ...headersOf(original), ...prefixed(ours) },
  };
}

/** What the message went without, in readable form. */
function leftOut({ value }: DeadLetter, without: LetterForm['without']): string | undefined {
  if (without === 'nothing') return undefined;
  const octets = `its value of ${value?.length ?? 0} octets`;
  const what = without === 'value' ? octets : `${octets}, its key and its headers`;
  return `${what}: too large for the broker`;
}

function prefixed(ours: Record<string, string | undefined>): IHeaders {
  const said = Object.entries(ours).filter(([, text]) => text !== undefined && text !== '');
  return Object.fromEntries(said.map(([name, text]) => [`${headerPrefix}${name}`, text]));
}

/** kafkajs takes those of one name together, and none whose value is null: that one becomes empty. */
function headersOf(headers: DeadLetter['headers']): IHeaders {
  const byKey = new Map<string, Buffer[]>();
  for (const { key, value } of headers) {
    const values = byKey.get(key) ?? [];
    values.push(value ?? Buffer.alloc(0));
    byKey.set(key, values);
  }
  return Object.fromEntries(byKey);
}

/** Where a letter is from, and the message that is to go back there. */
export interface Returned {
  readonly topic: string;
  readonly partition: number;
  /** As the header says it: the offset of its message in that partition. */
  readonly offset: string;
  /** The bad events' numbers in the message; undefined: all of them. */
  readonly events: string | undefined;
  readonly reason: string;
  readonly problem: string;
  readonly path: string;
  readonly schema: string;
  readonly group: string;
  /** When it was written to the dead letters, as ISO 8601. */
  readonly time: string;
  /** When its message was written first, in milliseconds since 1970. */
  readonly timestamp: string | undefined;
  /** What it went without; empty where nothing. */
  readonly left: string;
  /** Undefined where the letter went without its value. */
  readonly message: Message | undefined;
}

/** Undefined where the message is not a dead letter of ours. */
export function returnedFrom({ key, value, headers = {} }: KafkaMessage): Returned | undefined {
  const ours = (name: string) => textOf(headers[`${headerPrefix}${name}`]);
  const topic = ours('topic');
  const partition = Number(ours('partition'));
  if (topic === undefined || !Number.isSafeInteger(partition) || partition < 0) return undefined;
  const original = Object.entries(headers).filter(([name]) => !name.startsWith(headerPrefix));
  const kept = [eventsHeader, timestampHeader].flatMap((name) =>
    headers[name] === undefined ? [] : [[name, headers[name]] as const],
  );
  const back = [...original, ...kept];
  const message: Message = {
    key,
    value,
    partition,
    headers: Object.fromEntries(back.map(([name, found]) => [name, found ?? Buffer.alloc(0)])),
  };
  return {
    topic,
    partition,
    offset: ours('offset') ?? '?',
    events: ours('events'),
    reason: ours('reason') ?? '',
    problem: ours('problem') ?? '',
    path: ours('path') ?? '',
    schema: ours('schema') ?? '',
    group: ours('group') ?? '',
    time: ours('time') ?? '',
    timestamp: ours('timestamp'),
    left: ours('left') ?? '',
    message: value ? message : undefined,
  };
}

function textOf(value: IHeaders[string]): string | undefined {
  const last = Array.isArray(value) ? value.at(-1) : value;
  return last?.toString();
}
