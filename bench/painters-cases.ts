// The events that bench/painters.ts paints.

import avro from 'avsc';
import { parseSchema } from '../src/avro/schema.ts';
import { Random } from '../src/generator/random.ts';
import type { Binding } from '../src/pipeline/mapping/bindings.ts';
import { mappingOf } from '../src/pipeline/mapping/mapping.ts';
import type { Delivery } from '../src/sources/delivery.ts';

export interface PaintersCase {
  readonly name: string;
  readonly schema: unknown;
  readonly binding: Binding;
  readonly delivery: Delivery;
}

type Event = Record<string, unknown>;
type Make = (random: Random, i: number) => Event;

const events = 10_000;

const field = (name: string, type: unknown, ipfix: unknown = name) => ({ name, type, ipfix });
const orNull = (name: string, type: unknown, ipfix: object) =>
  field(name, ['null', type], { element: name, ...ipfix });
const stamp = { type: 'long', logicalType: 'timestamp-millis' };

const nine = [
  field('sourceAddress', 'bytes'),
  field('destinationAddress', 'bytes'),
  field('sourceTransportPort', 'int'),
  field('destinationTransportPort', 'int'),
  field('protocolIdentifier', 'int'),
  field('octetDeltaCount', 'long'),
  field('packetDeltaCount', 'long'),
  field('flowStartMilliseconds', stamp),
  field('flowEndMilliseconds', stamp),
];

const octets = (random: Random, count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, () => random.integer(0, 255)));

const nineOf = (random: Random, address = 4): Event => ({
  sourceAddress: octets(random, address),
  destinationAddress: octets(random, address),
  sourceTransportPort: random.integer(1024, 65_535),
  destinationTransportPort: 443,
  protocolIdentifier: 6,
  octetDeltaCount: random.integer(40, 150_000),
  packetDeltaCount: random.integer(1, 100),
  flowStartMilliseconds: 1_785_585_600_000 + random.integer(0, 1e6),
  flowEndMilliseconds: 1_785_585_600_000 + random.integer(1e6, 2e6),
});

/** Any of them is null in half of the events, each for itself; their null is 0. */
const zeros = [
  ...['tcpControlBits', 'ipClassOfService', 'vlanId', 'postVlanId', 'dot1qVlanId'],
  ...['ingressInterface', 'egressInterface', 'bgpSourceAsNumber', 'bgpDestinationAsNumber'],
  ...['bgpPrevAdjacentAsNumber', 'bgpNextAdjacentAsNumber', 'postIpClassOfService'],
  ...['sourcePrefixLength', 'destinationPrefixLength', 'flowDirection', 'flowEndReason'],
  ...['minimumTTL', 'maximumTTL', 'postDot1qVlanId'],
];
const mac = { type: 'fixed', name: 'Mac', size: 6 };
const thirty = [
  ...nine,
  ...zeros.map((name) => orNull(name, 'int', { null: 0 })),
  orNull('sourceMacAddress', mac, { group: 'link' }),
  orNull('destinationMacAddress', 'Mac', { group: 'link' }),
];

const thirtyOf: Make = (random) => {
  const link = random.chance(0.5);
  return {
    ...nineOf(random, random.chance(0.5) ? 4 : 16),
    ...Object.fromEntries(
      zeros.map((name) => [name, random.chance(0.25) ? random.integer(0, 32) : null]),
    ),
    sourceMacAddress: link ? octets(random, 6) : null,
    destinationMacAddress: link ? octets(random, 6) : null,
  };
};

const omitted = [
  'vlanId',
  'ipTTL',
  'flowDirection',
  'flowEndReason',
  'icmpTypeIPv4',
  'icmpCodeIPv4',
];
const shaped = [...nine, ...omitted.map((name) => orNull(name, 'int', { null: 'omit' }))];
/** The bits of the Template's number say which fields are there. */
const shapedOf =
  (templates: number): Make =>
  (random, i) => ({
    ...nineOf(random),
    ...Object.fromEntries(
      omitted.map((name, bit) => [name, (((i % templates) + 4) >> bit) & 1 ? 1 : null]),
    ),
  });

const named = [...nine, field('applicationName', 'string')];
const namedOf: Make = (random) => ({
  ...nineOf(random),
  applicationName: ['dns', 'tls-over-tcp', 'quic', 'a rather long name'][random.integer(0, 3)],
});

export function paintersCases(): PaintersCase[] {
  return [
    caseOf('9 fields, IPv4', nine, (random) => nineOf(random)),
    caseOf('30 fields, half of them null, both versions', thirty, thirtyOf),
    caseOf('one variable length', named, namedOf),
    ...[1, 2, 10, 60].map((count) => caseOf(`${count} Templates in turn`, shaped, shapedOf(count))),
  ];
}

function caseOf(name: string, fields: readonly object[], make: Make): PaintersCase {
  const schema = { type: 'record', name: 'E', fields };
  const root = parseSchema(schema);
  const mapping = mappingOf(root);
  if (mapping.faults.length > 0) throw new Error(JSON.stringify(mapping.faults));
  const type = avro.Type.forSchema(schema as avro.Schema);
  const random = new Random(1);
  const datums = Array.from({ length: events }, (_, i) => type.toBuffer(make(random, i)));
  return { name, schema, binding: { json: schema, root, mapping }, delivery: deliveryOf(datums) };
}

function deliveryOf(datums: readonly Buffer[]): Delivery {
  const ends = new Int32Array(datums.length);
  datums.forEach((datum, i) => (ends[i] = (ends[i - 1] ?? 0) + datum.length));
  return {
    origin: { topic: 'bench', partition: 0, generation: 0 },
    ...{ bytes: Buffer.concat(datums), count: datums.length, ends },
    starts: Int32Array.from(datums, (_, i) => ends[i - 1] ?? 0),
    offsets: Float64Array.from(datums, (_, i) => i),
    nextOffset: datums.length,
    ...{ schemas: [], schemaOf: undefined, unreadable: undefined, metadata: undefined },
  };
}
