// Every Avro type beside every kind of element, with every option that a mapping can say of a field, and
// what comes of it: a fault of the mapping, or the octets and refusals of a fixed set of events.

import { isDeepStrictEqual } from 'node:util';
import { EventDecoder } from '../../../src/commands/event-records.ts';
import { type Binding, TopicBindings } from '../../../src/pipeline/mapping/bindings.ts';
import { mappingOf, type TopicWords } from '../../../src/pipeline/mapping/mapping.ts';
import { readMappingFile, sectionFor } from '../../../src/pipeline/mapping/mapping-file.ts';
import type { Random } from '../../../src/generator/random.ts';
import { byValuePainter } from '../../../src/pipeline/painting/painter.ts';
import { Shapes } from '../../../src/pipeline/templates/shapes.ts';
import { parseSchema } from '../../../src/avro/schema.ts';
import { exactType } from '../oracles/exact-avro.ts';
import {
  deliveryOfDatums,
  type Outcome,
  PainterAlone,
  TwoPainters,
} from '../events/two-painters.ts';

type Json = unknown;
export type Spec = Readonly<Record<string, Json>>;

interface TypeKind {
  readonly type: Json;
  readonly values: readonly unknown[];
}

const logical = (type: string, logicalType: string, more: object = {}) => ({
  ...{ type, logicalType },
  ...more,
});
const octets = (hex: string): Buffer => Buffer.from(hex, 'hex');
const ints = [0, 1, -1, 17, 256, 70_000, -94_967_296, 1_714_979_289, 2 ** 31 - 1, -(2 ** 31)];
const longs = [
  ...[0n, 1n, -1n, 80n, 81n, 256n, 70_000n, -94_967_296n, 3_325_256_711n, 1_714_979_289n],
  ...[1_714_979_289_123n, 1_714_979_289_123_456n, 1_714_979_289_123_456_789n],
  ...[2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n)],
];
const texts = [
  ...['', '0', '10', '12', '101', '0x12', '1b', '18', '-5', '0.5', '777', 'c6336407'],
  ...['1714979289', '1714979289123', '1714979289.5', '4200000000', '99999999999999999999'],
  ...['2024-05-06 07:08:09.123', '2024-05-06 07:08:09.123+00:00', '2024-05-06T07:08:09Z'],
  ...['2024-05-06T07:08:09', 'TCP', 'UNKNOWN', 'constructor', 'true', '"quoted"'],
  ...['192.0.2.1', '::1', '::ffff:192.0.2.1', '02:00:00:00:00:01', 'text'],
];
const addresses = ['c0000201', '00000000000000000000000000000001', '020000000001', ''].map(octets);
const symbols = ['TCP', 'UDP', 'UNKNOWN'];
const fixed = (size: number, more: object = {}) => ({
  type: 'fixed',
  name: `F${size}`,
  size,
  ...more,
});

export const types: Readonly<Record<string, TypeKind>> = {
  int: { type: 'int', values: ints },
  long: { type: 'long', values: longs },
  float: { type: 'float', values: [0, 0.5, -1, 17, 1e30] },
  double: { type: 'double', values: [0, 0.5, -1, 17, 1_714_979_289.123, 1e300] },
  boolean: { type: 'boolean', values: [true, false] },
  string: { type: 'string', values: texts },
  uuid: {
    type: logical('string', 'uuid'),
    values: ['00112233-4455-6677-8899-aabbccddeeff'],
  },
  bytes: { type: 'bytes', values: addresses },
  decimal: {
    type: logical('bytes', 'decimal', { precision: 20, scale: 2 }),
    values: ['00', '0064', '0065', 'ff9c', '01000000000000000000'].map(octets),
  },
  fixed4: { type: fixed(4), values: ['c0000201', '00000000'].map(octets) },
  fixed6: { type: fixed(6), values: [octets('020000000001')] },
  fixed16: { type: fixed(16), values: [octets('00000000000000000000ffffc0000201')] },
  duration: {
    type: fixed(12, { logicalType: 'duration' }),
    values: ['000000000100000002000000', '010000000000000000000000'].map(octets),
  },
  enum: { type: { type: 'enum', name: 'N', symbols }, values: symbols },
  date: { type: logical('int', 'date'), values: [0, 19_849, -1] },
  timeMillis: { type: logical('int', 'time-millis'), values: [0, 1500] },
  timeMicros: { type: logical('long', 'time-micros'), values: [0n, 1_500_999n] },
  timestampMillis: { type: logical('long', 'timestamp-millis'), values: longs },
  timestampMicros: { type: logical('long', 'timestamp-micros'), values: longs },
  timestampNanos: { type: logical('long', 'timestamp-nanos'), values: longs },
  localMillis: { type: logical('long', 'local-timestamp-millis'), values: longs },
  ints: { type: { type: 'array', items: 'int' }, values: [[], [1, 2], [-1]] },
  texts: {
    type: { type: 'array', items: 'string' },
    values: [[], ['TCP', '12'], ['UDP'], ['2024-05-06 07:08:09']],
  },
  map: { type: { type: 'map', values: 'int' }, values: [{}] },
};

/** One of each abstract type, and of each meaning that is read in its own way. */
export const elements: readonly Spec[] = [
  ...['protocolIdentifier', 'sourceTransportPort', 'bgpSourceAsNumber', 'octetDeltaCount'],
  ...['tcpControlBits', 'ethernetType', 'flowDurationMilliseconds', 'flowDurationMicroseconds'],
  ...['samplingProbability', 'dataRecordsReliability', 'sourceMacAddress', 'applicationName'],
  ...['sourceIPv4Address', 'sourceIPv6Address', 'ipNextHopAddress', 'ipHeaderPacketSection'],
  ...['flowStartSeconds', 'flowStartMilliseconds', 'flowStartMicroseconds'],
  'flowStartNanoseconds',
].map((element): Spec => ({ element }));
export const ownElements: readonly Spec[] = [
  { element: '12345/7', type: 'signed32', name: 'own' },
  { element: '12345/8', type: 'signed64', name: 'own' },
  { element: 'basicList', of: 'vlanId' },
  { element: 'basicList', of: 'flowStartMilliseconds' },
];

/** What can be said beside the element, value by value. */
export const options: Readonly<Record<string, readonly Json[]>> = {
  type: ['unsigned8', 'string'],
  name: ['other'],
  length: [1, 2, 3, 5, 8, 16],
  unit: ['s', 'ms', 'us', 'ns', 'bits'],
  format: ['iso8601', 'datetime', 'epoch'],
  zone: ['UTC', '+02:00'],
  base: [2, 8, 10, 16],
  unsigned: [true],
  byteOrder: ['big', 'little'],
  as: ['text', 'octets', 'json'],
  value: [1],
  null: ['omit', 0, 1, '', '192.0.2.9', '02:00:00:00:00:09', true],
  nullValues: [0, 1, '12', 'TCP', '192.0.2.1', true, 0.5],
  group: ['g'],
  times: [256],
  plus: ['other', 'took'],
  plusUnit: ['s', 'us'],
  fallback: ['other', 'same'],
  symbols: [{ TCP: 2, UDP: 4, UNKNOWN: 8 }, { UNKNOWN: null, TCP: 2, UDP: 4 }, { UNKNOWN: null }],
  semantic: ['allOf'],
  of: ['vlanId', 'flowStartMilliseconds'],
};

/** What another option or the field itself needs, so that an option can be tried at all. */
const companions: Readonly<Record<string, Spec>> = {
  times: { plus: 'other' },
  plusUnit: { plus: 'other' },
};

export interface Pair {
  readonly type: string;
  readonly nullable: boolean;
  readonly element: Spec;
}

export function* allPairs(): Iterable<Pair> {
  for (const type of Object.keys(types)) {
    for (const element of [...elements, ...ownElements]) {
      for (const nullable of [false, true]) yield { type, nullable, element };
    }
  }
}

/** A fault of the mapping; or what events become, and which Templates are known before them. */
export type Answer =
  | { readonly faults: readonly string[] }
  | { readonly outcome: Outcome; readonly known: readonly string[] };

const schemas = new Map<string, { json: Json; datums: readonly Buffer[] }>();

function schemaOf({ type, nullable }: Pair) {
  const key = `${type} ${nullable}`;
  const found = schemas.get(key);
  if (found) return found;
  const { type: own, values } = types[type]!;
  const made = nullable ? ['null', own] : own;
  // A name can be declared only once.
  const isNamed = typeof own === 'object' && own !== null && 'name' in own;
  const again = isNamed ? (own as { name: string }).name : own;
  const json = {
    type: 'record',
    name: 'E',
    fields: [
      { name: 'f', type: made },
      { name: 'same', type: nullable ? ['null', again] : again },
      { name: 'other', type: ['null', 'int'] },
      { name: 'took', type: ['null', { type: 'int', logicalType: 'time-millis' }] },
      { name: 'grouped', type: ['null', 'int'] },
    ],
  };
  const avroType = exactType(json);
  const all = nullable ? [...values, null] : values;
  const last = values.at(-1);
  const datums = all.map((f) =>
    avroType.toBuffer({ f, same: last, other: 3, took: 1500, grouped: 5 }),
  );
  const schema = { json, datums };
  schemas.set(key, schema);
  return schema;
}

function wordsOf(spec: Spec): TopicWords | string {
  const fields = { f: spec, grouped: { element: 'flowId', group: 'g' } };
  const topics = { '*': { unlisted: 'ignore', fields } };
  const { file, faults } = readMappingFile(JSON.stringify({ topics }));
  if (faults.length > 0) return `${faults[0]!.path}: ${faults[0]!.problem}`;
  return { section: sectionFor(file, 'any'), presets: [] };
}

/** Throws where `validate`, the two Painters and `decode` differ. */
export function answerOf(pair: Pair, more: Spec): Answer {
  const { json, datums } = schemaOf(pair);
  const words = wordsOf({ ...pair.element, ...more });
  if (typeof words === 'string') return { faults: [words] };
  const root = parseSchema(json);
  const mapping = mappingOf(root, words);
  if (mapping.faults.length > 0) {
    return { faults: mapping.faults.map(({ path, problem }) => `${path}: ${problem}`) };
  }
  const binding: Binding = { json, root, mapping };
  const delivery = deliveryOfDatums(datums, { partition: 0, firstOffset: 0 });
  const outcome = painted(binding, delivery);
  const decoded = decodedOf(words, { ...delivery, schemas: [{ name: 'E', json }] });
  const records = outcome.frames.reduce((sum, frame) => sum + frame.records, 0);
  const isSame =
    decoded.records === records &&
    isDeepStrictEqual(decoded.faults, outcome.said.map(withoutPlace));
  if (!isSame) {
    const told = JSON.stringify({ decoded, painted: { records, said: outcome.said } });
    throw new Error(`decode differs for ${JSON.stringify({ pair, more })}: ${told}`);
  }
  const known = new Shapes(mapping.forward).known.map(({ template }) => `${template.id}`);
  return { outcome, known };
}

function painted(binding: Binding, delivery: ReturnType<typeof deliveryOfDatums>): Outcome {
  const two = TwoPainters.of(binding);
  if (two) return two.paint([delivery]);
  const alone = new PainterAlone(binding, byValuePainter);
  alone.paint(delivery);
  return alone.outcome();
}

/** `BadEventError at "f": message, by EncodeError`, as `decode` says it. */
const withoutPlace = (said: string): string =>
  said.replace(/^BadEventError at "[^"]*": /, '').replace(/, by \w+$/, '');

function decodedOf(words: TopicWords, delivery: Parameters<EventDecoder['eventsOf']>[0]) {
  const bindings = new TopicBindings({ words });
  const decoder = new EventDecoder(() => bindings);
  const events = [...decoder.eventsOf(delivery)];
  decoder.close();
  return {
    records: events.reduce((sum, event) => sum + event.records.length, 0),
    faults: events.flatMap(({ fault }) => (fault === undefined ? [] : [fault])),
  };
}

const same = (one: Answer, other: Answer): boolean => isDeepStrictEqual(one, other);

/**
 * Options that are ignored for a pair: the mapping takes every value of the option that can be said, and
 * none of them changes anything. A value that says what is so without it is no such option, as long as
 * another value of the option is refused or changes something.
 */
export function ignoredOptions(pair: Pair): string[] {
  const bases = [{}, { base: 10 }, { zone: 'UTC' }];
  const base = bases.find((one) => !('faults' in answerOf(pair, one)));
  if (!base) return [];
  return Object.entries(options).flatMap(([option, values]) => {
    if (option in pair.element || option in base) return [];
    const companion = companions[option] ?? {};
    const without = answerOf(pair, { ...base, ...companion });
    if ('faults' in without) return [];
    const answers = values.map((value) =>
      answerOf(pair, { ...base, ...companion, [option]: value }),
    );
    for (const answer of answers) {
      if ('faults' in answer && !namesOption(answer.faults, option)) {
        return [`${option}: refused without its name: ${answer.faults.join('; ')}`];
      }
    }
    return answers.every((answer) => same(answer, without)) ? [option] : [];
  });
}

/** Options, each with one value, that the mapping takes for a pair when said alone. */
export const usableOptions = (pair: Pair): (readonly [option: string, value: Json])[] =>
  Object.entries(options).flatMap(([option, values]) =>
    values
      .filter((value) => !('faults' in answerOf(pair, { ...companions[option], [option]: value })))
      .map((value) => [option, value] as const),
  );

/** Several of them together; it throws where the answers differ. */
export function mixedAnswer(
  pair: Pair,
  usable: readonly (readonly [string, Json])[],
  random: Random,
): Answer {
  const said = Array.from({ length: random.integer(2, 4) }, () => {
    const [option, value] = usable[random.integer(0, usable.length - 1)]!;
    return { ...companions[option], [option]: value };
  });
  return answerOf(pair, Object.assign({}, ...said) as Spec);
}

const namesOption = (faults: readonly string[], option: string): boolean =>
  faults.some((fault) => fault.includes(`"${option}"`) || fault.includes(`fields.f.${option}`)) ||
  (option === 'length' && faults.some((fault) => fault.includes('cannot be sent in')));
