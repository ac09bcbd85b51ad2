// What a value can mean in two ways is never guessed: an option says which, or the mapping is refused, or
// the event is. And an option that would have no effect is refused by its name.

import { describe, expect, test } from 'vitest';
import { readMappingFile, sectionFor } from '../../../src/pipeline/mapping/mapping-file.ts';
import { presetsNamed } from '../../../src/pipeline/mapping/presets/presets.ts';
import { bindingFor, mappingFromSchema, valuesIn } from '../../support/events/mapping.ts';
import { exactType } from '../../support/oracles/exact-avro.ts';
import { deliveryOfDatums, TwoPainters } from '../../support/events/two-painters.ts';

type Fields = Readonly<Record<string, unknown>>;

const schemaOf = (types: Fields) => ({
  type: 'record',
  name: 'E',
  fields: Object.entries(types).map(([name, type]) => ({ name, type })),
});

const wordsOf = (section: object, presets: readonly string[] = []) => {
  const { file, faults } = readMappingFile(JSON.stringify({ topics: { '*': section } }));
  expect(faults).toEqual([]);
  return { section: sectionFor(file, 'any'), presets: presetsNamed(presets).presets };
};

const one = (type: unknown, spec: unknown, value: unknown): unknown =>
  Object.values(valuesIn(schemaOf({ f: type }), { f: value }, wordsOf({ fields: { f: spec } })))[0];

const faultsOf = (types: Fields, section: object = {}, presets: readonly string[] = []) =>
  mappingFromSchema(schemaOf(types), wordsOf(section, presets)).faults.map(
    ({ path, problem }) => `${path}: ${problem}`,
  );
const faultOf = (type: unknown, spec: unknown) => faultsOf({ f: type }, { fields: { f: spec } })[0];

const orNull = (type: unknown) => ['null', type];
const enumOf = (...symbols: string[]) => ({ type: 'enum', name: 'N', symbols });

describe('digits in text', () => {
  const flags = (base: number) => ({ element: 'tcpControlBits', base });

  test.each([
    [flags(16), '18', 0x18],
    [flags(16), '1b', 0x1b],
    [flags(16), '0x12', 0x12],
    [flags(10), '18', 18],
    [flags(2), '00010010', 18],
    [flags(8), '22', 18],
    [{ element: 'octetDeltaCount', base: 16 }, 'ffffffffffffffff', 2n ** 64n - 1n],
    [{ element: 'protocolIdentifier', base: 16 }, '11', 17],
    [{ element: 'protocolIdentifier', base: 16 }, 'TCP', 6],
    ['octetDeltaCount', '18', 18],
    ['octetDeltaCount', '0x12', /"0x12" is not an integer; if it is hexadecimal, set "base": 16/],
    ['octetDeltaCount', '1b', /set "base": 16/],
    [flags(10), '1b', /set "base": 16/],
    [flags(16), '1g', '"1g" is not an integer of base 16'],
    [flags(8), '9', '"9" is not an integer of base 8; if it is hexadecimal, set "base": 16'],
    [{ element: 'tcpControlBits', symbols: { SYN: 2 } }, 'SYN', 2],
    [{ element: 'tcpControlBits', symbols: { SYN: 2 } }, '12', /set "base": 10 or "base": 16/],
    [{ element: 'ipHeaderPacketSection', base: 16 }, '0x4500', Buffer.from([0x45, 0])],
    [{ element: 'ipHeaderPacketSection', base: 16 }, '450', '"450" is not hexadecimal octets'],
  ])('by %j: %s', (spec, text, wanted) => {
    const found = one('string', spec, text);
    if (wanted instanceof RegExp) expect(found).toMatch(wanted);
    else expect(found).toEqual(wanted);
  });

  test.each(['tcpControlBits', 'ethernetType', 'ipClassOfService', 'flowLabelIPv6'])(
    'for %s need their base, also where the name alone maps the field',
    (element) => {
      const problem = `digits in text can be decimal or hexadecimal for ${element}; set "base"`;
      expect(faultOf('string', element)).toContain(problem);
      expect(faultsOf({ [element]: 'string' })[0]).toContain(problem);
    },
  );

  test('of tcp_flags, by its name alone, are refused before any event is read', () => {
    const types = { src_ip: 'string', tcp_flags: 'string' };
    expect(faultsOf(types)).toEqual([
      expect.stringMatching(/^tcp_flags: .*"base": 10 or "base": 16/),
    ]);
    expect(faultsOf({ ...types, tcp_flags: 'int' })).toEqual([]);
    expect(faultsOf({ srcaddr: 'string', tcp_flags: 'string' }, {}, ['aws-vpc'])).toEqual([]);
  });
});

describe('an address in a number', () => {
  const address = (byteOrder?: string) => ({
    element: 'sourceIPv4Address',
    ...(byteOrder && { byteOrder }),
  });
  const octets = Buffer.from([198, 51, 100, 7]);

  test.each([
    ['long', 3_325_256_711, address()],
    ['int', -969_710_585, address()],
    ['int', -969_710_585, address('big')],
    ['long', 0x07_64_33_c6, address('little')],
    ['int', 0x07_64_33_c6, address('little')],
    ['long', 3_325_256_711, { element: 'sourceAddress', byteOrder: 'big' }],
    [orNull('long'), 3_325_256_711, { ...address(), nullValues: [0] }],
  ])('%j %s by %j is read in the order that is said', (type, value, spec) => {
    expect(one(type, spec, value)).toEqual(octets);
  });

  test('that has no 32 bits is refused', () => {
    expect(one('long', address(), 2 ** 32)).toBe('4294967296 is not an IPv4 address of 32 bits');
    expect(one('long', address(), -1)).toBe('-1 is not an IPv4 address of 32 bits');
  });

  test('needs its order said where only the name maps it', () => {
    expect(faultsOf({ src_addr: 'long' })[0]).toMatch(
      /^src_addr: is an address as Avro long.*"byteOrder"/,
    );
  });

  test.each([
    [
      'long',
      { element: 'sourceIPv6Address', byteOrder: 'little' },
      'cannot fill sourceIPv6Address',
    ],
    ['string', address('little'), '"byteOrder" has no effect on sourceIPv4Address'],
    ['bytes', address('little'), '"byteOrder" has no effect'],
    ['long', { element: 'octetDeltaCount', byteOrder: 'big' }, '"byteOrder" has no effect'],
    [{ type: 'long', logicalType: 'timestamp-millis' }, address(), 'cannot fill sourceIPv4Address'],
  ])('that cannot be one is a fault: %j by %j', (type, spec, problem) => {
    expect(faultOf(type, spec)).toContain(problem);
  });
});

describe('a signed number that stands for an unsigned one', () => {
  const unsigned = (element: string, more: object = {}) => ({ element, unsigned: true, ...more });

  test.each([
    ['int', unsigned('bgpSourceAsNumber'), 4_200_000_000 - 2 ** 32, 4_200_000_000],
    ['int', unsigned('bgpSourceAsNumber'), 65_000, 65_000],
    ['long', unsigned('octetDeltaCount'), -1, 2n ** 64n - 1n],
    ['int', unsigned('flowStartSeconds', { unit: 's' }), 2_200_000_000 - 2 ** 32, 2_200_000_000],
    ['int', unsigned('flowDurationMilliseconds', { unit: 'us' }), -1, 4_294_967],
    ['int', unsigned('octetDeltaCount', { unit: 'bits' }), -8, 536_870_911n],
  ])('%s by %j: %s', (type, spec, value, wanted) => {
    expect(one(type, spec, value)).toEqual(wanted);
  });

  test.each([
    ['string', 'bgpSourceAsNumber'],
    ['double', 'octetDeltaCount'],
    ['int', 'sourceIPv4Address'],
    ['long', 'applicationName'],
    ['long', 'sourceMacAddress'],
  ])('is not one for Avro %s and %s', (type, element) => {
    expect(faultOf(type, unsigned(element))).toContain(`"unsigned" has no effect on ${element}`);
  });

  test('without the option is a bad event whose fault names the option', () => {
    const schema = schemaOf({ src_as: 'int' });
    const painters = TwoPainters.of(bindingFor(schema))!;
    const datum = exactType(schema).toBuffer({ src_as: 4_200_000_000 - 2 ** 32 });
    const { said } = painters.paint([deliveryOfDatums([datum], { partition: 0, firstOffset: 0 })]);
    expect(said[0]).toMatch(/^BadEventError at "src_as": .* set "unsigned": true, by EncodeError$/);
  });
});

describe('a symbol that means that the value is absent', () => {
  const protocol = enumOf('TCP', 'UNKNOWN');

  test.each([
    [{ element: 'protocolIdentifier', nullValues: ['UNKNOWN'] }],
    [{ element: 'protocolIdentifier', symbols: { UNKNOWN: null } }],
    [{ element: 'protocolIdentifier', symbols: { UNKNOWN: null, TCP: 6 } }],
  ])('needs no number: %j', (spec) => {
    expect(one(protocol, spec, 'UNKNOWN')).toBe(null);
    expect(one(protocol, spec, 'TCP')).toBe(6);
  });

  test('can be said for a whole topic, for text, and against what a word means', () => {
    const types = { f: protocol };
    const section = { nullValues: ['UNKNOWN'], fields: { f: 'protocolIdentifier' } };
    expect(valuesIn(schemaOf(types), { f: 'UNKNOWN' }, wordsOf(section))).toEqual({
      protocolIdentifier: null,
    });
    const noTcp = { element: 'protocolIdentifier', symbols: { TCP: null } };
    expect(one('string', noTcp, 'TCP')).toBe(null);
    expect(one(protocol, { ...noTcp, symbols: { TCP: null, UNKNOWN: 255 } }, 'TCP')).toBe(null);
    expect(one(protocol, { element: 'applicationName', symbols: { UNKNOWN: null } }, 'TCP')).toBe(
      'TCP',
    );
  });

  test('leaves its element out, or sends what null becomes, by both Painters', () => {
    const schema = schemaOf({ f: protocol, n: 'int' });
    const datums = ['TCP', 'UNKNOWN'].map((f) => exactType(schema).toBuffer({ f, n: 1 }));
    const framesBy = (more: object) => {
      const f = { element: 'protocolIdentifier', symbols: { UNKNOWN: null }, ...more };
      const mapping = mappingFromSchema(schema, wordsOf({ fields: { f, n: 'vlanId' } }));
      expect(mapping.faults).toEqual([]);
      const painters = TwoPainters.of(bindingFor(schema, mapping))!;
      const { said, frames } = painters.paint([
        deliveryOfDatums(datums, { partition: 0, firstOffset: 0 }),
      ]);
      expect([said, painters.compiled.left]).toEqual([[], 0]);
      return frames.map(({ octets }) => octets.slice(8));
    };
    expect(framesBy({})).toEqual(['060001', '0001']);
    expect(framesBy({ null: 255 })).toEqual(['060001' + 'ff0001']);
  });

  test('is a fault where it cannot be', () => {
    const flags = { type: 'array', items: 'string' };
    const spec = { element: 'tcpControlBits', symbols: { SYN: 2, NONE: null } };
    expect(faultOf(flags, spec)).toContain(
      '"symbols" can contain null only for Avro enum and string',
    );
  });
});

describe('words', () => {
  test('that every JavaScript object knows are not symbols', () => {
    for (const word of ['constructor', 'toString', '__proto__']) {
      expect(one('string', 'protocolIdentifier', word)).toBe(`"${word}" is not an integer`);
      const spec = { element: 'flowEndReason', symbols: { idle: 1 } };
      expect(one('string', spec, word)).toBe(`"${word}" is not an integer`);
    }
  });

  test.each([
    [
      { element: 'flowEndReason', symbols: { A: 'x' } },
      '"symbols": "x" for A is not a whole number',
    ],
    [{ element: 'flowEndReason', symbols: { A: 300 } }, '"symbols": A: 300 is not unsigned8'],
    [{ element: 'flowStartSeconds', symbols: { A: 1 } }, '"symbols" has no effect'],
    [{ element: 'applicationName', symbols: { A: 1 } }, '"symbols" has no effect'],
  ])('stand for numbers that the element can hold: %j', (spec, problem) => {
    expect(faultOf('string', spec)).toContain(problem);
  });

  test('over an array set bits of any width, and nothing wraps', () => {
    const symbols = { LOW: 1, MIDDLE: 2 ** 31, HIGH: 2 ** 40 };
    const type = { type: 'array', items: 'string' };
    const bits = one(type, { element: 'tcpOptionsFull', symbols }, ['LOW', 'MIDDLE', 'HIGH']);
    expect(bits).toBe(2 ** 40 + 2 ** 31 + 1);
  });
});

describe('an option without effect is refused', () => {
  const timestamp = { type: 'long', logicalType: 'timestamp-millis' };

  test.each([
    ['long', { element: 'flowStartMilliseconds', format: 'epoch' }, '"format" has no effect'],
    [
      'string',
      { element: 'flowStartMilliseconds', format: 'iso8601', unit: 's' },
      '"unit" has no effect',
    ],
    [
      'string',
      { element: 'flowStartMilliseconds', format: 'epoch', zone: 'UTC' },
      '"zone" has no effect',
    ],
    ['long', { element: 'flowStartMilliseconds', zone: 'UTC' }, '"zone" has no effect'],
    [
      { type: 'int', logicalType: 'date' },
      { element: 'flowStartSeconds', unit: 's' },
      '"unit" has no effect',
    ],
    [
      { type: 'int', logicalType: 'time-millis' },
      { element: 'flowDurationMilliseconds', unit: 's' },
      'remove "unit"',
    ],
    [timestamp, { element: 'flowStartMilliseconds', unsigned: true }, '"unsigned" has no effect'],
    ['string', { element: 'sourceAddress', as: 'text' }, '"as" is for $key and $header.NAME'],
    ['long', { element: 'octetDeltaCount', semantic: 'allOf' }, '"semantic" is for basicList'],
    ['long', { element: 'octetDeltaCount', type: 'unsigned8' }, '"type" is unsigned8, but'],
    [
      'long',
      { element: 'octetDeltaCount', name: 'mine' },
      '"name" is for elements that are not in',
    ],
    ['long', { element: 'octetDeltaCount', group: 'g' }, '"group" is for fields that are left out'],
    ['long', { element: 'octetDeltaCount', fallback: ['f'] }, '"fallback": f: is never used'],
    ['long', { element: 'drop', unit: 's' }, '"drop" fills no element, so "unit"'],
    ['long', { element: 'flowEndMilliseconds', times: 2, plus: 'f' }, '"times" has no effect'],
    [
      'string',
      { element: 'applicationName', plus: 'f' },
      '"plus" has no effect on applicationName',
    ],
    ['long', { element: 'octetDeltaCount', plus: 'f', plusUnit: 's' }, '"plusUnit" has no effect'],
    [
      { type: 'array', items: 'int' },
      { element: 'basicList', of: 'vlanId', length: 3 },
      '"length"',
    ],
    [
      'int',
      { element: 'vlanId', nullValues: [2 ** 40] },
      'is not a value that Avro int can have here',
    ],
    [
      'long',
      { element: 'vlanId', nullValues: [0.5] },
      'is not a value that Avro long can have here',
    ],
    ['float', { element: 'vlanId', nullValues: [0.1] }, 'is not a value that Avro float can have'],
    [
      enumOf('A', 'B'),
      { element: 'applicationName', nullValues: ['a'] },
      'Avro enum can have here',
    ],
    ['bytes', { element: 'sourceAddress', nullValues: ['none'] }, 'Avro bytes can have here'],
  ])('%j by %j', (type, spec, problem) => {
    expect(faultOf(type, spec)).toMatch(/^f: /);
    expect(faultOf(type, spec)).toContain(problem);
  });

  test('in a rule too, where no event could ever have the value', () => {
    const types = { n: 'long', kind: enumOf('FLOW', 'MARK'), f: 'vlanId' };
    const rule = (field: string, ...is: unknown[]) =>
      faultsOf(
        { ...types, f: 'int' },
        {
          fields: { f: 'vlanId' },
          keep: [{ reason: 'r', field, is }],
        },
      )[0];
    expect(rule('n', '0')).toContain(
      'keep.0 (n): "is": "0" is not a value that Avro long can have',
    );
    expect(rule('n', null)).toContain('"is": the field cannot be null');
    expect(rule('kind', 'flow')).toContain('is not a value that Avro enum can have here');
    expect(rule('kind', 'FLOW', 'LATER')).toBeUndefined();
    expect(rule('n', 0, null)).toBeUndefined();
  });

  test('but not where it is used by one type of a union, by a stand-in or by what null becomes', () => {
    const time = { element: 'flowStartMilliseconds', unit: 'ms', format: 'epoch' };
    expect(faultOf(['long', 'string'], time)).toBeUndefined();
    const fields = { a: { element: 'flowStartMilliseconds', zone: 'UTC', fallback: ['b'] } };
    expect(faultsOf({ a: orNull('long'), b: 'string' }, { fields })).toEqual([]);
    const nulled = {
      element: 'flowStartMilliseconds',
      unit: 's',
      null: '2026-01-02 00:00:00',
      zone: 'UTC',
    };
    expect(faultOf(orNull('long'), nulled)).toBeUndefined();
  });
});

test('a field that the schema may lack gives its place to what stands in for it', () => {
  const a = { element: 'octetDeltaCount', optional: true, fallback: ['b', 'c'] };
  const words = wordsOf({ fields: { a } });
  const read = (types: Fields, event: Fields) => valuesIn(schemaOf(types), event, words);
  const all = { a: orNull('long'), b: orNull('long'), c: 'long' };
  expect(read(all, { a: 1, b: 2, c: 3 })).toEqual({ octetDeltaCount: 1 });
  expect(read({ b: orNull('long'), c: 'long' }, { b: null, c: 3 })).toEqual({ octetDeltaCount: 3 });
  expect(read({ c: 'long', flowId: 'long' }, { c: 3, flowId: 4 })).toEqual({
    ...{ octetDeltaCount: 3, flowId: 4 },
  });
  expect(read({ flowId: 'long' }, { flowId: 4 })).toEqual({ flowId: 4 });
});

describe('a type that says what it is', () => {
  const timestamp = { type: 'long', logicalType: 'timestamp-millis' };

  test.each([
    [timestamp, 'samplingProbability'],
    [timestamp, 'flowDurationMilliseconds'],
    [{ type: 'int', logicalType: 'date' }, 'flowDurationMilliseconds'],
    [timestamp, 'dataRecordsReliability'],
    [{ type: 'string', logicalType: 'uuid' }, 'protocolIdentifier'],
    [{ type: 'string', logicalType: 'uuid' }, 'flowStartSeconds'],
  ])('%j is not taken for another thing: %s', (type, element) => {
    expect(faultOf(type, element)).toContain('cannot fill');
  });
});

describe('a value that would stop the process', () => {
  test.each([
    ['double', { element: 'octetDeltaCount', unit: 'bits' }, 0.5, '0.5 bits are not whole octets'],
    [
      'double',
      { element: 'octetDeltaCount', plus: 'f' },
      0.25,
      '0.25 is not a whole number, so nothing can be added to it',
    ],
    [
      { type: 'long', logicalType: 'local-timestamp-millis' },
      { element: 'flowStartMilliseconds', zone: 'Europe/Zurich' },
      9_007_199_254_740_000,
      '9007199254740000 is out of range for a time',
    ],
  ])('is refused instead: %j by %j', (type, spec, value, problem) => {
    expect(one(type, spec, value)).toBe(problem);
  });
});

test('a duration is added in the unit that is said, also to a duration', () => {
  const fields = { a: { element: 'flowDurationMilliseconds', plus: 'b', plusUnit: 's' } };
  const words = wordsOf({ fields });
  expect(valuesIn(schemaOf({ a: 'int', b: 'int' }), { a: 5, b: 2 }, words)).toEqual({
    flowDurationMilliseconds: 2005,
  });
});
