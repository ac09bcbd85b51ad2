// Schemas, mappings and events without much regard to what is right: mappings with whatever they may
// say, and values of which most could be in their field. The oracle is another Painter, not this file.

import { anyDatum } from './any-datum.ts';
import type { Random } from '../../../src/generator/random.ts';

type Json = unknown;

interface Pair {
  readonly type: (name: string) => Json;
  readonly spec: Readonly<Record<string, Json>>;
}

const of = (type: Json, spec: Readonly<Record<string, Json>>): Pair => ({ type: () => type, spec });
const fixed = (size: number, spec: Readonly<Record<string, Json>>): Pair => ({
  type: (name) => ({ type: 'fixed', name, size }),
  spec,
});
const symbols = ['TCP', 'UDP', 'ICMP', 'GRE'];
const enumOf = (spec: Readonly<Record<string, Json>>): Pair => ({
  type: (name) => ({ type: 'enum', name, symbols }),
  spec,
});
const logical = (type: string, logicalType: string) => ({ type, logicalType });
const timeTypes = ['timestamp-millis', 'timestamp-micros', 'timestamp-nanos'];
const timeElements = [
  'flowStartSeconds',
  'flowStartMilliseconds',
  'flowStartMicroseconds',
  'flowStartNanoseconds',
];
const numberTypes = ['int', 'long', 'float', 'double', 'string'];

/** By element, so that none is filled twice. */
const pairs: Readonly<Record<string, readonly Pair[]>> = {
  sourceAddress: [
    of('bytes', { element: 'sourceAddress' }),
    of('bytes', { element: 'sourceAddress', nullValues: ['0.0.0.0', '::', ''] }),
    of('string', { element: 'sourceAddress' }),
    of('string', { element: 'sourceAddress', nullValues: ['', '0.0.0.0'] }),
    fixed(16, { element: 'sourceAddress' }),
    fixed(4, { element: 'sourceAddress' }),
  ],
  destinationAddress: [
    of('bytes', { element: 'destinationAddress' }),
    of('string', { element: 'destinationAddress', nullValues: ['::1'] }),
    fixed(4, { element: 'destinationAddress' }),
  ],
  nextHop: [
    of('bytes', { element: 'ipNextHopAddress', nullValues: ['0.0.0.0'] }),
    of('string', { element: 'ipNextHopAddress' }),
    of('bytes', { element: 'ipNextHopIPv6Address' }),
    of('string', { element: 'ipNextHopIPv4Address', null: '192.0.2.1' }),
  ],
  prefix: [
    of('int', { element: 'sourceIPv4PrefixLength' }),
    of('int', { element: 'destinationPrefixLength' }),
    of('long', { element: 'icmpTypeCode', group: 'icmp' }),
  ],
  mac: [
    of('string', { element: 'sourceMacAddress' }),
    of('bytes', { element: 'sourceMacAddress' }),
    fixed(6, { element: 'sourceMacAddress' }),
    of('long', { element: 'sourceMacAddress' }),
  ],
  octets: [
    ...numberTypes.map((type) => of(type, { element: 'octetDeltaCount' })),
    of('long', { element: 'octetDeltaCount', nullValues: [0, 4096], null: 7 }),
    of('long', { element: 'octetDeltaCount', unit: 'bits' }),
    of('long', { element: 'octetDeltaCount', length: 5 }),
    of('long', { element: 'octetDeltaCount', length: 3 }),
    of(logical('bytes', 'decimal'), { element: 'octetDeltaCount' }),
  ],
  port: [
    ...numberTypes.map((type) => of(type, { element: 'sourceTransportPort' })),
    of('int', { element: 'sourceTransportPort', nullValues: [0] }),
    of('long', { element: 'sourceTransportPort', plus: 'spare', times: 256 }),
    of('int', { element: 'sourceTransportPort', fallback: ['spare'] }),
  ],
  as: [
    of('long', { element: 'bgpSourceAsNumber', null: 'unknown' }),
    of('int', { element: 'bgpSourceAsNumber', null: 0 }),
  ],
  protocol: [
    enumOf({ element: 'protocolIdentifier' }),
    enumOf({ element: 'protocolIdentifier', nullValues: ['GRE'] }),
    of('string', { element: 'protocolIdentifier' }),
    of('int', { element: 'protocolIdentifier' }),
  ],
  flags: [
    of('int', { element: 'tcpControlBits', null: 0 }),
    of('int', { element: 'tcpControlBits', length: 2 }),
    of({ type: 'array', items: 'int' }, { element: 'drop' }),
  ],
  sampling: [of('long', { element: 'samplingInterval' }), of('int', { element: 'flowEndReason' })],
  time: timeElements.flatMap((element) => [
    ...timeTypes.map((name) => of(logical('long', name), { element })),
    ...['s', 'ms', 'us', 'ns'].map((unit) => of('long', { element, unit })),
    of('double', { element, unit: 's' }),
    of('float', { element, unit: 's' }),
    of('int', { element, unit: 's' }),
    of('string', { element, zone: 'UTC' }),
    of(logical('int', 'date'), { element }),
  ]),
  end: [
    of('long', { element: 'flowEndMilliseconds', plus: 'spare' }),
    of('long', { element: 'flowEndMilliseconds', plus: 'spare', unit: 's', plusUnit: 's' }),
    of(logical('long', 'timestamp-micros'), { element: 'flowEndMilliseconds', plus: 'spare' }),
  ],
  duration: [
    of('long', { element: 'flowDurationMilliseconds', unit: 'us' }),
    of('double', { element: 'flowDurationMicroseconds', unit: 's' }),
  ],
  name: [
    of('string', { element: 'applicationName', null: '' }),
    of('string', { element: 'applicationName', null: 'nobody knows', nullValues: ['-'] }),
    of('string', { element: 'applicationName', length: 12 }),
    enumOf({ element: 'applicationName' }),
    of('long', { element: 'applicationName' }),
  ],
  text: [of('string', { element: 'interfaceName' }), enumOf({ element: 'interfaceName' })],
  array: [
    of('bytes', { element: 'ipHeaderPacketSection' }),
    of('string', { element: 'ipHeaderPacketSection' }),
    fixed(9, { element: 'ipHeaderPacketSection' }),
    of('bytes', { element: 'ipHeaderPacketSection', length: 8 }),
  ],
  float: ['int', 'long', 'float', 'double'].flatMap((type) => [
    of(type, { element: 'samplingProbability' }),
    of(type, { element: 'samplingProbability', length: 4, null: 0.5 }),
  ]),
  boolean: [
    of('boolean', { element: 'dataRecordsReliability' }),
    of('boolean', { element: 'dataRecordsReliability', nullValues: [false] }),
    of('int', { element: 'dataRecordsReliability' }),
  ],
  signed: ['int', 'long', 'double'].flatMap((type) =>
    ['signed8', 'signed16', 'signed32', 'signed64'].map((abstract) =>
      of(type, { element: '12345/7', type: abstract, name: 'own' }),
    ),
  ),
  list: [of({ type: 'array', items: 'int' }, { element: 'basicList', of: 'vlanId' })],
};

const beside: Readonly<Record<string, Json>> = {
  $constant: { element: 'exporterAddress', value: '192.0.2.7' },
  $timestamp: 'observationTimeMilliseconds',
  $offset: 'flowId',
  $partition: 'ingressInterface',
};

/** Some of the fields alone, or all that there are. */
export function wildCase(random: Random) {
  const groups = Object.keys(pairs).filter(() => random.chance(0.35));
  const names = groups.length === 0 ? ['octets'] : groups;
  const nested: Json[] = [];
  const fields: Json[] = [{ name: 'spare', type: nullable(random, 'int') }];
  const mapped: Record<string, Json> = {};
  for (const name of names) {
    const { type, spec } = pick(random, pairs[name]!);
    const isNull = 'null' in spec || random.chance(0.4);
    const made = type(`T${name}`);
    const inner = random.chance(0.25);
    const list = inner ? nested : fields;
    list.splice(random.integer(0, list.length), 0, {
      name,
      type: isNull ? nullable(random, made) : made,
    });
    mapped[inner ? `inner.${name}` : name] = spec;
  }
  fields.splice(random.integer(0, fields.length), 0, {
    name: 'inner',
    type: nullable(random, { type: 'record', name: 'I', fields: nested }),
  });
  for (const noise of noises) {
    if (random.chance(0.2)) fields.splice(random.integer(0, fields.length), 0, noise);
  }
  if (fields.includes(mapNoise)) mapped['m.key'] = { element: 'vlanId' };
  for (const [path, spec] of Object.entries(beside)) {
    if (random.chance(0.1)) mapped[path] = spec;
  }
  const rules = fields.includes(markNoise)
    ? { skip: [{ reason: 'marked', field: 'mark', is: ['skip', null] }] }
    : {};
  const schema = { type: 'record', name: 'E', fields };
  const section = { unlisted: 'ignore', fields: mapped, ...rules };
  return { schema, section, datum: () => anyDatum(random, schema) };
}

const mapNoise = { name: 'm', type: { type: 'map', values: 'int' } };
const markNoise = { name: 'mark', type: ['null', 'string'] };
const noises: readonly Json[] = [
  mapNoise,
  markNoise,
  { name: 'a', type: { type: 'array', items: ['null', 'string'] } },
  { name: 'u', type: ['null', 'long', 'string', { type: 'fixed', name: 'U', size: 3 }] },
  { name: 'd', type: 'double' },
  { name: 'l', type: 'long' },
  {
    name: 'tree',
    type: [
      'null',
      { type: 'record', name: 'Tree', fields: [{ name: 'next', type: ['null', 'Tree'] }] },
    ],
  },
];

const nullable = (random: Random, type: Json): Json =>
  random.chance(0.5) ? ['null', type] : random.chance(0.8) ? [type, 'null'] : type;

const pick = <T>(random: Random, items: readonly T[]): T =>
  items[random.integer(0, items.length - 1)]!;
