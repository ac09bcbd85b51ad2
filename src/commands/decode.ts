// The `decode` command: events of a topic or a file beside the records they become. It joins no group,
// commits nothing and sends nothing.

import Table from 'cli-table3';
import type { Command } from 'commander';
import { jsonValue } from '../collector/json-value.ts';
import { processEnvironment } from '../config/config.ts';
import { prepare } from '../config/preparation.ts';
import { exitCode } from '../exit-code.ts';
import type { DecodedRecord } from '../ipfix/decoder.ts';
import { say } from '../log/log.ts';
import { AvroContainerError } from '../sources/file/octet-reader.ts';
import { PartitionSkippedError } from '../sources/kafka/kafka-peek.ts';
import { feedFromFile, feedFromKafka, type Taker } from './event-feed.ts';
import { type EventRecords, placeText } from './event-records.ts';
import { wholeNumber } from './option-values.ts';
import { standardOutput } from './output.ts';

interface Options {
  readonly count: number;
  readonly from: 'newest' | 'oldest';
  readonly input?: string;
  readonly json?: boolean;
  readonly stats?: boolean;
}

export function registerDecode(program: Command): void {
  program
    .command('decode')
    .description('show events of a topic or a file next to their Data Records')
    .option(
      '-n, --count <n>',
      'messages of each partition, or events of a file',
      wholeNumber('--count', 1, 1_000_000),
      5,
    )
    .option('--oldest', 'begin at the start of each partition instead of its end')
    .option('--input <file>', 'an Avro container file instead of Kafka; - for standard input')
    .option('--json', 'a JSON object for each event')
    .option('--stats', 'only count: records of each Template, dropped and bad events')
    .addHelpText(
      'after',
      `
Reads the same environment as \`run\`; COLLECTORS and KAFKA_GROUP_ID are not needed.
It joins no group, commits nothing and sends nothing.

Examples:
  KAFKA_BROKERS=localhost:9092 KAFKA_TOPICS=flows kafka2ipfix decode
  kafka2ipfix decode --input flows.avro --count 1000 --stats

Exit codes: 0 success, 65 an event cannot be exported or the file is damaged, 70 failed, 74 not everything was written,
78 configuration error, or a file that cannot be opened.`,
    )
    .action(async ({ oldest, ...options }: Omit<Options, 'from'> & { oldest?: boolean }) => {
      process.exitCode = await decode({ ...options, from: oldest ? 'oldest' : 'newest' });
    });
}

/** Asked of every configuration, and of no use here. */
const unused = { COLLECTORS: 'ipfix://127.0.0.1', KAFKA_GROUP_ID: 'none' };

async function decode(options: Options): Promise<number> {
  const { input, json = false, stats = false } = options;
  const env = { ...unused, ...processEnvironment() };
  const preparation = prepare(input === undefined ? env : { ...env, INPUT_FILE: input });
  const tally = new Tally();
  const { INPUT_FILE: path } = preparation.config;
  let isDamaged = false;
  const failures: Error[] = [];
  const taker: Taker = {
    take: (event) => {
      tally.add(event);
      if (!stats) standardOutput.push(json ? jsonOf(event) : textOf(event));
    },
    room: () => standardOutput.flushed(),
    failed: (place, error) => {
      say(`kafka2ipfix: ${place} is skipped: ${error.message}`);
      if (!(error instanceof PartitionSkippedError)) failures.push(error);
    },
  };
  if (path === undefined) await feedFromKafka(preparation, preparation.topics, options, taker);
  else isDamaged = !(await isFedWhole(feedFromFile(preparation, path, options.count, taker)));
  if (stats) standardOutput.push(json ? tally.json() : tally.text());
  await standardOutput.flushed();
  if (failures.length > 0) return exitCode.software;
  return tally.bad > 0 || isDamaged ? exitCode.badEvent : exitCode.ok;
}

/** False where the file is damaged: what was read before that place is shown. */
async function isFedWhole(feeding: Promise<void>): Promise<boolean> {
  try {
    await feeding;
    return true;
  } catch (error) {
    if (!(error instanceof AvroContainerError)) throw error;
    say(`kafka2ipfix: ${error.message}`);
    return false;
  }
}

const textOf = (event: EventRecords): string =>
  `${[placeText(event), ...recordLines(event)].join('\n')}\n\n`;

/** What became of an event, each mapped field beside its element. */
export function recordLines(event: EventRecords): string[] {
  const lines: string[] = [];
  if (event.fault !== undefined) lines.push(`  cannot be exported: ${event.fault}`);
  if (event.dropped !== undefined) lines.push(`  dropped: ${event.dropped}`);
  const { fields } = event;
  const left = fields.map(
    ({ path }) => [path, path in event.values ? shown(event.values[path]) : ''] as const,
  );
  const widths = [0, 1].map((i) => Math.max(0, ...left.map((cells) => cells[i]!.length)));
  event.records.forEach((record, number) => {
    if (event.records.length > 1) lines.push(`  record ${number}`);
    const found = new Map(
      record.values.map(({ element, value }) => [element.name, jsonValue(value)]),
    );
    left.forEach(([path, raw], i) => {
      const name = fields[i]!.elements.find((element) => found.has(element));
      const element = name === undefined ? '-' : `${name} ${shown(found.get(name))}`;
      lines.push(`  ${path.padEnd(widths[0]!)}  ${raw.padEnd(widths[1]!)}  ${element}`);
    });
  });
  return lines;
}

// eslint-disable-next-line no-control-regex
const control = /[\u0000-\u001f\u007f-\u009f\u2028-\u202e\u2066-\u2069]/gu;

/** Control characters of a text from elsewhere must not reach the terminal. */
function shown(value: unknown): string {
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`;
  if (typeof value === 'string') return value.replace(control, '\ufffd');
  return typeof value === 'bigint' ? String(value) : JSON.stringify(value);
}

const plainValue = (value: unknown): unknown => {
  if (typeof value === 'bigint') return String(value);
  if (value instanceof Uint8Array) return Buffer.from(value).toString('hex');
  return Array.isArray(value) ? value.map(plainValue) : value;
};

function jsonOf(event: EventRecords): string {
  const { values, records } = event;
  const line = {
    ...event,
    fields: undefined,
    values: Object.fromEntries(
      Object.entries(values).map(([path, one]) => [path, plainValue(one)]),
    ),
    records: records.map(({ templateId, values: fields }) => ({
      templateId,
      ...Object.fromEntries(fields.map(({ element, value }) => [element.name, jsonValue(value)])),
    })),
  };
  return `${JSON.stringify(line)}\n`;
}

class Tally {
  events = 0;
  bad = 0;
  readonly #records = new Map<number, { records: number; elements: number }>();
  readonly #dropped = new Map<string, number>();

  add({ records, dropped, fault }: EventRecords): void {
    this.events += 1;
    if (fault !== undefined) this.bad += 1;
    if (dropped !== undefined) this.#dropped.set(dropped, (this.#dropped.get(dropped) ?? 0) + 1);
    for (const record of records) this.#count(record);
  }

  #count({ templateId, values }: DecodedRecord): void {
    const known = this.#records.get(templateId) ?? { records: 0, elements: values.length };
    known.records += 1;
    this.#records.set(templateId, known);
  }

  json(): string {
    const templates = Array.from(this.#records, ([id, counts]) => ({ id, ...counts }));
    const dropped = Object.fromEntries(this.#dropped);
    return `${JSON.stringify({ events: this.events, bad: this.bad, dropped, templates })}\n`;
  }

  text(): string {
    const table = new Table({
      head: ['Template', 'elements', 'records'],
      colAligns: ['right', 'right', 'right'],
      style: { head: [], border: [], compact: true },
    });
    for (const [id, { records, elements }] of this.#records) table.push([id, elements, records]);
    const dropped = Array.from(this.#dropped, ([reason, count]) => `${reason} ${count}`);
    return [
      table.toString(),
      `${this.events} events, ${this.#records.size} Templates, ${this.bad} cannot be exported`,
      ...(dropped.length === 0 ? [] : [`dropped: ${dropped.join(', ')}`]),
      '',
    ].join('\n');
  }
}
