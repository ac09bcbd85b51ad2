// Any datum of an Avro schema, written octet by octet (Avro specification, "Binary Encoding"). Fields of
// some names get what is right in them as a rule; it knows no mapping.

import type { Random } from '../../../src/generator/random.ts';

type Json = unknown;
type Named = Map<string, Json>;

export function anyDatum(random: Random, schema: Json): Buffer {
  return new Writing(random).value(schema, '');
}

const pick = <T>(random: Random, items: readonly T[]): T =>
  items[random.integer(0, items.length - 1)]!;

const addresses = [
  '192.0.2.1',
  '0.0.0.0',
  '198.51.100.77',
  '2001:db8::7',
  '::',
  '::ffff:192.0.2.9',
];
const macs = ['00:11:22:aa:bb:cc', '0011.22aa.bbcc', '0123456789ab', 'AA-BB-CC-DD-EE-FF'];
const stamps = ['2026-01-02T03:04:05.678Z', '1700000000.25', '2026-01-02 03:04:05'];

/** By the field's name: texts, and lengths of octets. */
const likely: Readonly<Record<string, readonly [readonly string[], readonly number[]]>> = {
  sourceAddress: [addresses.slice(0, 3), [4]],
  destinationAddress: [addresses.slice(0, 3), [4]],
  nextHop: [addresses, [4, 16]],
  mac: [macs, [6]],
  time: [stamps, [8]],
  protocol: [['TCP', 'udp', '47'], [1]],
  name: [['', '-', 'nginx', 'ünïcödé', 'x'.repeat(300)], [8]],
  text: [['eth0', 'Gi0/0/1', ''], [8]],
  array: [
    ['abcdefgh', ''],
    [0, 8, 300],
  ],
  octets: [['443', '0'], [2]],
  mark: [['skip', 'keep'], [2]],
};
const oddTexts = [
  '::1',
  '1::2:3',
  '1.2.3',
  '01.2.3.4',
  '1:2:3:4:5:6:7:8',
  '1:2:3:4:5:6:192.0.2.1',
  '1::',
];
const texts = [
  ...addresses,
  ...macs,
  ...stamps,
  ...oddTexts,
  '-1',
  '65536',
  '0x1f',
  '\ufffd',
  '\ufeffx',
];
const doubles = [0, 1, -0, 0.5, 443, 1.7e9, -3, NaN, Infinity, 1e300, 2 ** 53, 1e-9, 65_536];

class Writing {
  readonly #random: Random;
  readonly #named: Named = new Map();

  constructor(random: Random) {
    this.#random = random;
  }

  value(type: Json, name: string): Buffer {
    const random = this.#random;
    if (Array.isArray(type)) {
      const index = random.integer(0, type.length - 1);
      return Buffer.concat([long(BigInt(index)), this.value(type[index], name)]);
    }
    if (typeof type === 'string') {
      const named = this.#named.get(type);
      return named === undefined ? this.#primitive(type, name) : this.value(named, name);
    }
    const json = type as Record<string, Json> & { type: string };
    if (typeof json['name'] === 'string') this.#named.set(json['name'], json);
    switch (json.type) {
      case 'record': {
        const fields = json['fields'] as { name: string; type: Json }[];
        return Buffer.concat(fields.map((field) => this.value(field.type, field.name)));
      }
      case 'fixed':
        return this.#octets(json['size'] as number);
      case 'enum':
        return long(BigInt(random.integer(0, (json['symbols'] as Json[]).length - 1)));
      case 'array':
        return this.#blocks(() => this.value(json['items'], name));
      case 'map':
        return this.#blocks(() =>
          Buffer.concat([text(pick(random, ['key', 'ö'])), this.value(json['values'], name)]),
        );
      default:
        return json['logicalType'] === 'timestamp-nanos' && random.chance(0.8)
          ? long(BigInt(random.integer(1, 2 ** 40)) * 1_000_003n)
          : this.#primitive(json.type, name);
    }
  }

  #blocks(item: () => Buffer): Buffer {
    const count = this.#random.integer(0, 2);
    if (count === 0) return long(0n);
    const items = Buffer.concat(Array.from({ length: count }, item));
    const sized = this.#random.chance(0.3)
      ? [long(BigInt(-count)), long(BigInt(items.length))]
      : [];
    return Buffer.concat([...(sized.length > 0 ? sized : [long(BigInt(count))]), items, long(0n)]);
  }

  #primitive(kind: string, name: string): Buffer {
    const random = this.#random;
    const isOdd = random.chance(0.03);
    const [own = texts, lengths = [0, 4, 6, 8, 16, 20, 300]] = likely[name] ?? [];
    switch (kind) {
      case 'null':
        return Buffer.alloc(0);
      case 'boolean':
        return Buffer.of(Number(random.chance(0.5)));
      case 'int':
        return long(
          BigInt(
            isOdd
              ? random.integer(-(2 ** 31), 2 ** 31 - 1)
              : random.integer(0, name === 'prefix' ? 33 : 255),
          ),
        );
      case 'long':
        return long(isOdd ? anyLong(random) : likelyLong(random, name));
      case 'float':
      case 'double': {
        const value = isOdd ? pick(random, doubles) : random.integer(0, 255);
        const octets = Buffer.alloc(kind === 'float' ? 4 : 8);
        return kind === 'float'
          ? (octets.writeFloatLE(value), octets)
          : (octets.writeDoubleLE(value), octets);
      }
      case 'string':
        return text(pick(random, isOdd ? texts : own));
      default: {
        const count = pick(random, isOdd ? [0, 1, 4, 16, 300] : lengths);
        return Buffer.concat([long(BigInt(count)), this.#octets(count)]);
      }
    }
  }

  #octets(count: number): Buffer {
    const random = this.#random;
    const octets = Buffer.from(Array.from({ length: count }, () => random.integer(0, 255)));
    if (random.chance(0.2)) octets.fill(0);
    if (count === 16 && random.chance(0.2)) octets.fill(0, 0, 10).fill(0xff, 10, 12);
    return octets;
  }
}

function likelyLong(random: Random, name: string): bigint {
  if (name === 'time' || name === 'end') return BigInt(random.integer(0, 2 ** 42));
  return BigInt(random.integer(0, random.chance(0.5) ? 127 : 255)) * (name === 'octets' ? 8n : 1n);
}

function anyLong(random: Random): bigint {
  const bits = BigInt(random.integer(1, 63));
  const value = BigInt.asUintN(Number(bits), BigInt(random.integer(0, 2 ** 52)) * 4_294_967_311n);
  const edge = 2n ** bits - BigInt(random.integer(0, 2)) - 1n;
  const one = random.chance(0.5) ? value : edge > 0n ? edge : 0n;
  return random.chance(0.2) ? -one : one;
}

const text = (value: string): Buffer => {
  const octets = Buffer.from(value);
  return Buffer.concat([long(BigInt(octets.length)), octets]);
};

// int, long => zigzag number in groups of 7 bits, low ones first; the last octet has no top bit
function long(value: bigint): Buffer {
  const octets: number[] = [];
  let rest = BigInt.asUintN(64, (value << 1n) ^ (value >> 63n));
  for (; rest >= 0x80n; rest >>= 7n) octets.push(Number(rest & 0x7fn) | 0x80);
  return Buffer.from([...octets, Number(rest)]);
}
