// The "ipfix" attribute itself: its two forms, its options, and what is neither.

import { describe, expect, test } from 'vitest';
import { mappingFromSchema } from '../../src/pipeline/mapping.ts';

const octets = { name: 'octetDeltaCount', type: 'long' };

const mappingOf = (name: string, ipfix: unknown) =>
  mappingFromSchema({
    type: 'record',
    name: 'E',
    fields: [octets, { name, type: ['null', 'long'], ipfix }],
  });

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
    const { fields } = mappingOf('vlanId', { nullValues: [4095], group: 'l2' });
    expect(fields[1]).toMatchObject({ mappedBy: 'name', omitNull: true, group: 'l2' });
    expect(fields[1]!.read({ vlanId: 4095 })).toBeNull();
  });

  test('gives way to the attribute that names one', () => {
    const { fields } = mappingOf('vlanId', { element: 'postVlanId', null: 0 });
    expect(fields[1]).toMatchObject({ elementName: 'postVlanId', mappedBy: 'attribute' });
  });

  test('is not left with a misspelt option', () => {
    expect(faultsOf('vlanId', { nul: 0 })).toEqual([
      'vlanId: "ipfix" has no option "nul"; did you mean "null"?',
    ]);
  });
});

describe('an attribute that is a fault', () => {
  test.each([[5], [true], [null], [[]], [['flowId']]])('is no name and no object: %j', (ipfix) => {
    for (const name of ['a', 'flowId']) {
      expect(faultsOf(name, ipfix)).toEqual([
        `${name}: "ipfix" is neither an element's name nor an object with one`,
      ]);
    }
  });

  test.each([
    [{ null: 0 }, 'names no element; add "element"'],
    [{}, 'names no element; add "element"'],
    [{ elment: 'flowId' }, 'has no option "elment"; did you mean "element"?'],
    [{ element: 'flowId', grop: 'x' }, 'has no option "grop"; did you mean "group"?'],
    [{ element: 'flowId', transformation: 'x' }, 'has no option "transformation"'],
  ])('is %j', (ipfix, problem) => {
    expect(faultsOf('a', ipfix)).toEqual([`a: "ipfix" ${problem}`]);
  });
});
