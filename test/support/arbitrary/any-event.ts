// Random schemas, mappings and events, and the octets that must come of them: worked out here from
// the values alone, by slow and obvious means. It knows IPFIX by heart and nothing of the pipeline.

import { Random } from '../../../src/generator/random.ts';

type Json = unknown;

/** One field of the Avro schema that fills an element. */
interface FieldKind {
  readonly type: (name: string) => Json;
  /** What the mapping says beside the element. */
  readonly said?: Readonly<Record<string, Json>>;
  /** A value in the event, and the octets it becomes; null octets: the event is refused. */
  readonly make: (random: Random) => readonly [value: unknown, octets: Buffer | null];
}

interface ElementKind {
  readonly element: string;
  readonly id: number;
  readonly length: number;
  readonly kinds: readonly FieldKind[];
}

const big = (value: bigint, octets: number): Buffer | null => {
  if (value < 0n || value >= 1n << BigInt(8 * octets)) return null;
  return Buffer.from(value.toString(16).padStart(2 * octets, '0'), 'hex');
};

const edges = [0n, 1n, -1n, 2n ** 31n, -(2n ** 31n), 2n ** 52n, -(2n ** 52n) - 1n, 2n ** 53n];
const extremes = [...edges, 2n ** 53n + 1n, 2n ** 63n - 1n, -(2n ** 63n), 70_000n, 2n ** 40n];

/** Mostly what fits, at times what is just beyond. */
function integer(random: Random, octets: number): bigint {
  if (random.chance(0.02)) return extremes[random.integer(0, extremes.length - 1)]!;
  const most = octets >= 6 ? 2 ** 47 : 2 ** (8 * octets) - 1;
  return BigInt(random.integer(0, most));
}

const inInt = (value: bigint): bigint => BigInt.asIntN(32, value);

const long = (octets: number): FieldKind => ({
  type: () => 'long',
  make: (random) => {
    const value = integer(random, octets);
    return [value, big(value, octets)];
  },
});

const int = (octets: number): FieldKind => ({
  type: () => 'int',
  make: (random) => {
    const value = inInt(integer(random, octets));
    return [Number(value), big(value, octets)];
  },
});

const decimalText = (octets: number): FieldKind => ({
  type: () => 'string',
  make: (random) => {
    const value = integer(random, octets);
    return [String(value), big(value, octets)];
  },
});

const double = (octets: number): FieldKind => ({
  type: () => 'double',
  make: (random) => {
    if (random.chance(0.02)) return [0.5, null];
    const value = random.integer(0, 2 ** Math.min(30, 8 * octets) - 1);
    return [value, big(BigInt(value), octets)];
  },
});

const unsignedKinds = (octets: number) => [
  long(octets),
  int(octets),
  decimalText(octets),
  double(octets),
];

const protocols = [
  ['TCP', 6],
  ['UDP', 17],
  ['ICMP', 1],
] as const;

const protocolEnum: FieldKind = {
  type: (name) => ({ type: 'enum', name, symbols: protocols.map(([symbol]) => symbol) }),
  make: (random) => {
    const [symbol, number] = protocols[random.integer(0, 2)]!;
    return [symbol, Buffer.from([number])];
  },
};

const octetsOf = (random: Random, count: number): Buffer =>
  Buffer.from(Array.from({ length: count }, () => random.integer(0, 255)));

const fixedOctets = (count: number): FieldKind => ({
  type: (name) => ({ type: 'fixed', name, size: count }),
  make: (random) => {
    const value = octetsOf(random, count);
    return [value, value];
  },
});

const bytes = (count: number): FieldKind => ({
  type: () => 'bytes',
  make: (random) => {
    if (random.chance(0.01)) return [octetsOf(random, count + 1), null];
    const value = octetsOf(random, count);
    return [value, value];
  },
});

const ipv4Text: FieldKind = {
  type: () => 'string',
  make: (random) => {
    if (random.chance(0.01)) return ['10.0.0.256', null];
    const value = octetsOf(random, 4);
    return [value.join('.'), value];
  },
};

const macText: FieldKind = {
  type: () => 'string',
  make: (random) => {
    const value = octetsOf(random, 6);
    const hex = value.toString('hex');
    return [random.chance(0.5) ? hex : hex.replace(/..\B/g, '$&:'), value];
  },
};

/** Milliseconds out of a count of another unit. */
const time = (perMs: bigint, said: Readonly<Record<string, Json>>, type: Json): FieldKind => ({
  type: () => type,
  said,
  make: (random) => {
    const count =
      BigInt(random.integer(0, 2 ** 40)) * perMs + BigInt(random.integer(0, Number(perMs) - 1));
    return [count, big(count / perMs, 8)];
  },
});

const seconds: FieldKind = {
  type: () => 'long',
  said: { unit: 's' },
  make: (random) => {
    const count = BigInt(random.integer(0, 2 ** 32));
    return [count, big(count * 1000n, 8)];
  },
};

const isoText: FieldKind = {
  type: () => 'string',
  make: (random) => {
    const ms = random.integer(0, 4e12);
    return [new Date(ms).toISOString(), big(BigInt(ms), 8)];
  },
};

const logical = (logicalType: string): Json => ({ type: 'long', logicalType });

const elements: readonly ElementKind[] = [
  { element: 'octetDeltaCount', id: 1, length: 8, kinds: unsignedKinds(8) },
  { element: 'packetDeltaCount', id: 2, length: 8, kinds: unsignedKinds(8) },
  { element: 'sourceTransportPort', id: 7, length: 2, kinds: unsignedKinds(2) },
  { element: 'destinationTransportPort', id: 11, length: 2, kinds: unsignedKinds(2) },
  { element: 'ingressInterface', id: 10, length: 4, kinds: unsignedKinds(4) },
  { element: 'bgpSourceAsNumber', id: 16, length: 4, kinds: unsignedKinds(4) },
  { element: 'protocolIdentifier', id: 4, length: 1, kinds: [int(1), long(1), protocolEnum] },
  { element: 'ipTTL', id: 192, length: 1, kinds: unsignedKinds(1) },
  { element: 'sourceIPv4Address', id: 8, length: 4, kinds: [fixedOctets(4), bytes(4), ipv4Text] },
  {
    element: 'ipNextHopIPv4Address',
    id: 15,
    length: 4,
    kinds: [fixedOctets(4), bytes(4), ipv4Text],
  },
  { element: 'sourceMacAddress', id: 56, length: 6, kinds: [fixedOctets(6), bytes(6), macText] },
  {
    element: 'flowStartMilliseconds',
    id: 152,
    length: 8,
    kinds: [
      time(1n, {}, logical('timestamp-millis')),
      time(1_000n, {}, logical('timestamp-micros')),
      time(1_000_000n, {}, logical('timestamp-nanos')),
      time(1_000n, { unit: 'us' }, 'long'),
      seconds,
      isoText,
    ],
  },
];

export interface AnyField {
  readonly name: string;
  readonly kind: ElementKind;
  readonly from: FieldKind;
  readonly nullable: boolean;
  /** What null becomes; undefined: the element is skipped. */
  readonly unknown: 0 | undefined;
  readonly nested: boolean;
}

export interface AnyCase {
  readonly schema: Json;
  /** A section of MAPPING_FILE. */
  readonly fields: Readonly<Record<string, Json>>;
  readonly event: () => { readonly value: unknown; readonly record: AnyRecord | null };
}

export interface AnyRecord {
  /** Field Specifiers as hexadecimal text. */
  readonly layout: string;
  readonly octets: string;
}

/** A schema with fields that are mapped among others that are not, some in records, some in unions. */
export function anyCase(random: Random): AnyCase {
  const wanted = shuffled(random, elements).slice(0, random.integer(1, 7));
  const fields = wanted.map((kind, i): AnyField => {
    const from = kind.kinds[random.integer(0, kind.kinds.length - 1)]!;
    const nullable = random.chance(0.4);
    const zero = kind.element === 'ingressInterface' || kind.element === 'bgpSourceAsNumber';
    const unknown = nullable && zero && random.chance(0.5) ? 0 : undefined;
    return { name: `f${i}`, kind, from, nullable, unknown, nested: random.chance(0.3) };
  });
  const typeOf = ({ name, from, nullable }: AnyField): Json => {
    const type = from.type(`T${name}`);
    return nullable ? (random.chance(0.5) ? ['null', type] : [type, 'null']) : type;
  };
  const own = fields.filter(({ nested }) => !nested);
  const inner = fields.filter(({ nested }) => nested);
  const noise = [
    { name: 'n0', type: { type: 'array', items: 'string' } },
    { name: 'n1', type: { type: 'map', values: 'long' } },
    { name: 'n2', type: ['null', 'double', 'string'] },
  ].slice(0, random.integer(0, 3));
  const schema = {
    type: 'record',
    name: 'E',
    fields: shuffled(random, [
      ...own.map((field) => ({ name: field.name, type: typeOf(field) as object })),
      {
        name: 'inner',
        type: {
          type: 'record',
          name: 'I',
          fields: inner.map((field) => ({ name: field.name, type: typeOf(field) })),
        },
      },
      ...noise,
    ]),
  };
  const mapped = shuffled(random, fields);
  return {
    schema,
    fields: Object.fromEntries(
      mapped.map(({ name, kind, from, unknown, nested }) => [
        nested ? `inner.${name}` : name,
        {
          element: kind.element,
          ...from.said,
          ...(unknown === undefined ? {} : { null: unknown }),
        },
      ]),
    ),
    event: () => anyEvent(random, { mapped, noise: noise.length }),
  };
}

function anyEvent(
  random: Random,
  { mapped, noise }: { mapped: readonly AnyField[]; noise: number },
) {
  const value: Record<string, unknown> = { inner: {} };
  let refused = false;
  let layout = '';
  let octets = '';
  for (const { name, kind, from, nullable, unknown, nested } of mapped) {
    const [made, became] = from.make(random);
    const isNull = nullable && random.chance(0.4);
    const at = (nested ? value['inner'] : value) as Record<string, unknown>;
    at[name] = isNull ? null : made;
    if (isNull && unknown === undefined) continue;
    const filled = isNull ? Buffer.alloc(kind.length) : became;
    refused ||= filled === null;
    layout += kind.id.toString(16).padStart(4, '0') + kind.length.toString(16).padStart(4, '0');
    octets += filled?.toString('hex') ?? '';
  }
  if (noise > 0) value['n0'] = Array.from({ length: random.integer(0, 3) }, () => 'x');
  if (noise > 1) value['n1'] = random.chance(0.5) ? { a: 1n } : {};
  if (noise > 2) value['n2'] = [null, 1.5, 'text'][random.integer(0, 2)];
  return { value, record: refused || layout === '' ? null : { layout, octets } };
}

function shuffled<T>(random: Random, items: readonly T[]): T[] {
  const order = [...items];
  for (let i = order.length - 1; i > 0; i -= 1) {
    const j = random.integer(0, i);
    [order[i], order[j]] = [order[j]!, order[i]!];
  }
  return order;
}
