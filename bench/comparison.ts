// The tables of the comparison: all contestants on one topic; every codec; every size of RecordBatch.

import {
  type Contestant,
  kafkajsIdle,
  librdkafkaIdle,
  obviousBridge,
  stage,
} from './contestants.ts';
import { type Codec, type CourseOptions, makeCourse } from './course.ts';
import { type Layout, nineFields, templatesInTurn, variableLength } from './flows.ts';
import { interleaved, type Row, type Say } from './rounds.ts';

export interface Size {
  readonly records: number;
  readonly rounds: number;
  readonly tableRecords: number;
  readonly tableRounds: number;
}

export const sizes: Readonly<Record<'full' | 'quick', Size>> = {
  full: { records: 20_000_000, rounds: 5, tableRecords: 5_000_000, tableRounds: 3 },
  quick: { records: 6_000_000, rounds: 3, tableRecords: 0, tableRounds: 0 },
};

export interface Ratios {
  /** This stage's CPU per record over theirs. */
  readonly ofLibrdkafkaIdle: number;
  readonly ofObviousBridge: number;
  readonly ofKafkajsIdle: number;
  /** The same with node:dgram alone. */
  readonly dgramOfLibrdkafkaIdle: number;
}

export interface Comparison {
  readonly rows: readonly Row[];
  readonly ratios: Ratios;
  readonly codecs: readonly Row[];
  readonly batchSizes: readonly Row[];
  readonly layouts: readonly Row[];
}

type Place = Pick<CourseOptions, 'native' | 'brokers' | 'registryUrl'>;

const batched = stage('kafka2ipfix, batched sends', { UDP_SENDER: 'batch' });
const dgram = stage('kafka2ipfix, node:dgram', { UDP_SENDER: 'dgram' });
const contestants = [librdkafkaIdle, batched, dgram, kafkajsIdle, obviousBridge];
const usualBatch = 1_000;
const rowsOfLayouts: readonly (readonly [name: string, layout: Layout])[] = [
  ...[1, 2, 10, 60].map((n) => [`${n} Templates in turn`, templatesInTurn(n)] as const),
  ['nine fields', nineFields],
  ['nine fields and one of variable length', variableLength],
];

export async function compare(place: Place, size: Size, say: Say): Promise<Comparison> {
  const on = (records: number, batchRecords: number, codec: Codec) => ({
    ...{ ...place, records, batchRecords, codec },
  });
  const rows = await measured(contestants, on(size.records, usualBatch, 'none'), size.rounds, say);
  const codecs: Row[] = [];
  const batchSizes: Row[] = [];
  const layouts: Row[] = [];
  if (size.tableRounds > 0) {
    for (const codec of ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const) {
      const options = on(size.tableRecords, usualBatch, codec);
      const pair = await measured([librdkafkaIdle, batched], options, size.tableRounds, say);
      codecs.push(...pair.map((row) => ({ ...row, name: `${codec}: ${row.name}` })));
    }
    for (const batchRecords of [1, 10, 100, 1_000, 10_000]) {
      const records = batchRecords === 1 ? size.tableRecords / 10 : size.tableRecords;
      const options = on(records, batchRecords, 'none');
      const pair = await measured([librdkafkaIdle, batched], options, size.tableRounds, say);
      batchSizes.push(...pair.map((row) => ({ ...row, name: `${batchRecords}: ${row.name}` })));
    }
    for (const [name, layout] of rowsOfLayouts) {
      const options = { ...on(size.tableRecords, usualBatch, 'none'), layout };
      const [row] = await measured([batched], options, size.tableRounds, say);
      layouts.push({ ...row!, name });
    }
  }
  return { rows, ratios: ratiosOf(rows), codecs, batchSizes, layouts };
}

async function measured(
  who: readonly Contestant[],
  options: CourseOptions,
  rounds: number,
  say: Say,
): Promise<Row[]> {
  const { records, batchRecords, codec } = options;
  say(`producing ${records} records, ${batchRecords} in a batch, codec ${codec}`);
  const course = await makeCourse(options);
  try {
    return await interleaved(who, course, rounds, say);
  } finally {
    await course.remove();
  }
}

function ratiosOf(rows: readonly Row[]): Ratios {
  const cpuOf = ({ name }: Contestant) => rows.find((row) => row.name === name)!.nsCpuPerRecord;
  const ratio = (ours: Contestant, theirs: Contestant) =>
    Number((cpuOf(ours) / cpuOf(theirs)).toFixed(3));
  return {
    ofLibrdkafkaIdle: ratio(batched, librdkafkaIdle),
    ofObviousBridge: ratio(batched, obviousBridge),
    ofKafkajsIdle: ratio(batched, kafkajsIdle),
    dgramOfLibrdkafkaIdle: ratio(dgram, librdkafkaIdle),
  };
}
