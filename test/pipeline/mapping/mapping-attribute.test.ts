// The "ipfix" attribute itself: its two forms, its options, and what is neither.

import { describe, expect, test } from 'vitest';
import { mappingFromSchema, valuesIn } from '../../support/events/mapping.ts';

const octets = { name: 'octetDeltaCount', type: 'long' };

const schemaOf = (name: string, ipfix: unknown) => ({
  type: 'record',
  name: 'E',
  fields: [octets, { name, type: ['null', 'long'], ipfix }],
});

const mappingOf = (name: string, ipfix: unknown) => mappingFromSchema(schemaOf(name, ipfix));

const faultsOf = (name: string, ipfix: unknown) =>
  mappingOf(name, ipfix).faults.map(({ path, problem }) => `${path}: ${problem}`);

describe('a field whose own name is an element', () => {
  test.each(['vlanId', 'vlan_id', 'VLAN_ID'])('is mapped by it beside options: %s', (name) => {
    const { fields, ignored, faults } = mappingOf(name, { null: 0 });
    expect([ignored, faults]).toEqual([[], []]);
    expect(fields[1]).toMatchObject({
      path: name,
      elementName: 'vlanId',
      mappedBy: 'name',
      omitNull: false,
      nullValue: 0,
    });
  });

  test('has all options that others have', () => {
    const said = { nullValues: [4095], group: 'l2' };
    const { fields } = mappingOf('vlanId', said);
    expect(fields[1]).toMatchObject({ mappedBy: 'name', omitNull: true, group: 'l2' });
    const event = { octetDeltaCount: 1, vlanId: 4095 };
    expect(valuesIn(schemaOf('vlanId', said), event)).toMatchObject({ vlanId: null });
  });

  test('gives way to the attribute that names one', () => {
    const { fields } = mappingOf('vlanId', { element: 'postVlanId', null: 0 });
    expect(fields[1]).toMatchObject({ elementName: 'postVlanId', mappedBy: 'attribute' });
  });

  test('is not left with a misspelt option', () => {
    expect(faultsOf('vlanId', { nul: 0 })).toEqual([
      'vlanId: "ipfix": "nul" is not an option; did you mean "null"?',
    ]);
  });
});

describe('an attribute that is a fault', () => {
  test.each([[5], [true], [null]])('is no name and no object: %j', (ipfix) => {
    for (const name of ['a', 'flowId']) {
      expect(faultsOf(name, ipfix)).toEqual([
        `${name}: "ipfix" is neither an element's name nor an object with one`,
      ]);
    }
  });

  test.each([
    [{ null: 0 }, ' names no element; add "element"'],
    [{}, ' names no element; add "element"'],
    [{ elment: 'flowId' }, ': "elment" is not an option; did you mean "element"?'],
    [{ element: 'flowId', grop: 'x' }, ': "grop" is not an option; did you mean "group"?'],
    [
      { element: 'flowId', transformation: 'x' },
      ': "transformation" is not an option; see docs/mapping.md',
    ],
    [
      { element: 'flowId', unit: 'sec' },
      ': "unit" is not one of s, ms, us, ns, bits; did you mean "s"?',
    ],
  ])('is %j', (ipfix, problem) => {
    expect(faultsOf('a', ipfix)).toEqual([`a: "ipfix"${problem}`]);
  });
});
