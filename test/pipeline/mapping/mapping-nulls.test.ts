// What null becomes, and which values mean it.

import { describe, expect, test } from 'vitest';
import { mappingFromSchema, valuesIn } from '../../support/events/mapping.ts';

type AvroField = Readonly<Record<string, unknown>>;

const mappingOf = (...fields: readonly AvroField[]) =>
  mappingFromSchema({ type: 'record', name: 'E', fields });

/** A field that is always good, so that others have something to stand beside. */
const octets = { name: 'octetDeltaCount', type: 'long' };

const faultsOf = (...fields: readonly AvroField[]) =>
  mappingOf(...fields).faults.map(({ path, problem }) => `${path}: ${problem}`);

describe('what null means', () => {
  const vlan = (ipfix: unknown, type: unknown = ['null', 'int']) => ({ name: 'v', type, ipfix });

  test('leaves the element out unless a value is given for it', () => {
    const { fields } = mappingOf(
      octets,
      vlan('vlanId'),
      { ...vlan({ element: 'ipTTL', null: 'omit' }), name: 'b' },
      { ...vlan({ element: 'ipVersion', null: 0 }), name: 'c' },
    );
    expect(fields.map(({ omitNull, nullValue }) => [omitNull, nullValue])).toEqual([
      [false, undefined],
      [true, undefined],
      [true, undefined],
      [false, 0],
    ]);
  });

  test('of one group comes and goes together; without one each is alone', () => {
    const { fields } = mappingOf(octets, vlan({ element: 'vlanId', group: 'l2' }), {
      ...vlan('ipTTL'),
      name: 'b',
    });
    expect(fields.map(({ group }) => group)).toEqual(['octetDeltaCount', 'l2', 'b']);
  });

  test.each([
    [{ element: 'vlanId', null: -1 }, '"null": -1: -1 is not unsigned16 (2 octets); or use "omit"'],
    [{ element: 'vlanId', null: 'none' }, '"null": "none": "none" is not an integer'],
    [{ element: 'vlanId', null: null }, '"null": null: null is not a value; or use "omit"'],
    [{ element: 'sourceIPv4PrefixLength', null: 33 }, '"null": 33: 33 is outside 0-32'],
  ])('%o is a fault: %s', (ipfix, problem) => {
    expect(faultsOf(octets, vlan(ipfix))[0]).toContain(`v: ${problem}`);
  });

  test('an address has no value that means unknown', () => {
    const hop = {
      name: 'h',
      type: ['null', 'bytes'],
      ipfix: { element: 'ipNextHopAddress', null: 0 },
    };
    expect(faultsOf(octets, hop)).toEqual([
      'h: "null": 0: not a value of ipNextHopIPv4Address (ipv4Address); or use "omit"',
    ]);
  });

  test('is at most as long as a field can be', () => {
    const name = (octetCount: number) => ({
      name: 'n',
      type: ['null', 'string'],
      ipfix: { element: 'userName', null: 'a'.repeat(octetCount) },
    });
    expect(faultsOf(octets, name(65_535))).toEqual([]);
    expect(faultsOf(octets, name(65_536))[0]).toMatch(
      /^n: "null": "a+": 65536 octets are more than a field can have; or use "omit"$/,
    );
  });

  test('of a field that is never null is a fault', () => {
    expect(faultsOf(octets, vlan({ element: 'vlanId', null: 0 }, 'int'))).toEqual([
      'v: says what null means but cannot be null; remove "null"',
    ]);
  });
});

describe('values that mean null', () => {
  const rate = (ipfix: Readonly<Record<string, unknown>>, type: unknown = 'int') => ({
    name: 'r',
    type,
    ipfix: { element: 'samplingInterval', ...ipfix },
  });
  const readIn = (field: AvroField, value: unknown) =>
    Object.values(
      valuesIn({ type: 'record', name: 'E', fields: [field] }, { [String(field['name'])]: value }),
    )[0];
  const fieldOf = (field: AvroField) => mappingOf(octets, field).fields[1]!;

  test('are read as null, in a field that has a null and in one that has none', () => {
    for (const type of ['int', ['null', 'int']]) {
      const field = fieldOf(rate({ nullValues: [0, -1] }, type));
      const read = (r: number) => readIn(rate({ nullValues: [0, -1] }, type), r);
      expect([0, -1, 1].map(read)).toEqual([null, null, 1]);
      expect(field).toMatchObject({ omitNull: true });
    }
  });

  test('become what null becomes', () => {
    const field = fieldOf(rate({ null: 1, nullValues: [0] }));
    expect(readIn(rate({ null: 1, nullValues: [0] }), 0)).toBeNull();
    expect(field).toMatchObject({ omitNull: false, nullValue: 1 });
  });

  test('are compared as they are: text is not of type number', () => {
    const name = { name: 'n', type: 'string', ipfix: { element: 'userName', nullValues: ['-'] } };
    expect(['-', '', '--'].map((n) => readIn(name, n))).toEqual([null, '', '--']);
  });

  test.each([
    ['int', 'samplingInterval', [0, '0'], '"0" is not of type number'],
    ['long', 'octetDeltaCount', [null], 'null is not of type number'],
    ['double', 'samplingProbability', [true], 'true is not of type number'],
    ['string', 'userName', ['-', 0], '0 is not of type string'],
    ['boolean', 'dataRecordsReliability', [1], '1 is not of type boolean'],
  ])('that no Avro %s of %s can have are a fault: %j', (type, element, nullValues, wrong) => {
    const field = { name: 'v', type, ipfix: { element, nullValues } };
    expect(faultsOf({ ...octets, name: 'flowId' }, field)).toEqual([
      `v: "nullValues": ${wrong}, unlike the values of the field`,
    ]);
  });

  test.each([
    ['bytes', 'applicationId', 'bytes'],
    [{ type: 'fixed', name: 'Mac', size: 6 }, 'sourceMacAddress', 'fixed (6 octets)'],
  ])('cannot be octets: Avro %o of %s', (type, element, form) => {
    const hop = { name: 'h', type, ipfix: { element, nullValues: ['0.0.0.0'] } };
    expect(faultsOf(octets, hop)).toEqual([
      `h: "nullValues" cannot be used with Avro ${form}; remove it`,
    ]);
  });

  test('of an address are compared with its octets, and "" with none', () => {
    const hop = {
      name: 'h',
      type: 'bytes',
      ipfix: { element: 'ipNextHopAddress', nullValues: ['0.0.0.0', '::', ''] },
    };
    const given = [Buffer.alloc(4), Buffer.alloc(16), Buffer.alloc(0), Buffer.from([1, 0, 0, 0])];
    const read = given.map((octets) => readIn(hop, octets));
    expect(read).toEqual([null, null, null, Buffer.from([1, 0, 0, 0])]);
  });

  test('may be one that is not in a list', () => {
    expect(readIn(rate({ nullValues: 7 }), 7)).toBeNull();
  });

  test('of a sampling rate are 0 always', () => {
    expect([0, 1].map((r) => readIn(rate({}), r))).toEqual([null, 1]);
  });

  test.each([[{}], [[[]]]])('that are no values are a fault: %j', (nullValues) => {
    expect(faultsOf(octets, rate({ nullValues }))[0]).toMatch(/^r: "ipfix": "nullValues/);
  });
});
