// From Avro fields to Information Elements: what maps, and every fault by path and with its fix.

import { describe, expect, test } from 'vitest';
import type { MappedField } from '../../../src/pipeline/mapping/mapped-field.ts';
import { mappingFromSchema, valuesIn } from '../../support/events/mapping.ts';
import { flowEventMapping } from '../../support/events/flow-events.ts';

type AvroField = Readonly<Record<string, unknown>>;

const mappingOf = (...fields: readonly AvroField[]) =>
  mappingFromSchema({ type: 'record', name: 'E', fields });

/** A field that is always good, so that others have something to stand beside. */
const octets = { name: 'octetDeltaCount', type: 'long' };
const ip = { name: 'sourceAddress', type: 'bytes' };

const faultsOf = (...fields: readonly AvroField[]) =>
  mappingOf(...fields).faults.map(({ path, problem }) => `${path}: ${problem}`);

const elementsOf = (field: MappedField | undefined) =>
  field?.elements.map(({ field: { element, length } }) => `${element.name}/${length}`);

describe('the default schema', () => {
  test('maps every field by its attribute, without a fault', () => {
    const { fields, ignored, faults } = flowEventMapping;
    expect([ignored, faults]).toEqual([[], []]);
    expect(fields).toHaveLength(28);
    expect(new Set(fields.map(({ mappedBy }) => mappedBy))).toEqual(new Set(['attribute']));
  });

  test('has the elements in their natural length, but for the TCP flags, which pmacct reads in one octet', () => {
    const byPath = new Map(flowEventMapping.fields.map((field) => [field.path, field]));
    expect(elementsOf(byPath.get('octets'))).toEqual(['octetDeltaCount/8']);
    expect(elementsOf(byPath.get('tcpFlags'))).toEqual(['tcpControlBits/1']);
    expect(elementsOf(byPath.get('applicationName'))).toEqual(['applicationName/65535']);
    expect(elementsOf(byPath.get('nextHop'))).toEqual([
      'ipNextHopIPv4Address/4',
      'ipNextHopIPv6Address/16',
    ]);
  });
});

describe('where an element comes from', () => {
  test("the attribute, as a name or as an object, comes before the field's own name", () => {
    const { fields } = mappingOf(
      { name: 'octetDeltaCount', type: 'long', ipfix: 'packetDeltaCount' },
      { name: 'x', type: 'long', ipfix: { element: 'octetDeltaCount' } },
    );
    expect(fields.map(({ elementName, mappedBy }) => [elementName, mappedBy])).toEqual([
      ['packetDeltaCount', 'attribute'],
      ['octetDeltaCount', 'attribute'],
    ]);
  });

  test.each(['octetDeltaCount', 'octet_delta_count', 'OCTET_DELTA_COUNT', 'octetdeltacount'])(
    "a name is the element's, ignoring case and _ and -: %s",
    (name) => {
      const [field] = mappingOf({ name, type: 'long' }).fields;
      expect(field).toMatchObject({ elementName: 'octetDeltaCount', mappedBy: 'name', path: name });
    },
  );

  test('an attribute must be spelt exactly', () => {
    expect(faultsOf({ name: 'x', type: 'long', ipfix: 'octetdeltacount' })).toEqual([
      'x: "octetdeltacount" is not an Information Element; did you mean "octetDeltaCount"?',
    ]);
  });

  test('what no element has the name of is ignored and listed', () => {
    const { ignored, faults } = mappingOf(octets, { name: 'note', type: 'string' });
    expect([ignored, faults]).toEqual([['note'], []]);
  });
});

describe('nested records', () => {
  const address = {
    type: 'record',
    name: 'Endpoint',
    fields: [{ ...ip, name: 'ip', ipfix: 'sourceAddress' }],
  };
  const nested: readonly AvroField[] = [
    { name: 'source', type: address },
    {
      name: 'device',
      type: [
        'null',
        {
          type: 'record',
          name: 'D',
          fields: [
            { name: 'vlanId', type: 'int' },
            { name: 'note', type: 'string' },
            { name: 'inner', type: { type: 'record', name: 'I', fields: [octets] } },
          ],
        },
      ],
    },
  ];
  const { fields, ignored } = mappingOf(...nested);

  test('map by path', () => {
    expect(fields.map(({ path }) => path)).toEqual([
      'source.ip',
      'device.vlanId',
      'device.inner.octetDeltaCount',
    ]);
    expect(ignored).toEqual(['device.note']);
  });

  test('are null with the record around them', () => {
    expect(fields.map(({ omitNull }) => omitNull)).toEqual([false, true, true]);
    const read = (device: unknown) =>
      valuesIn(
        { type: 'record', name: 'E', fields: nested },
        { source: { ip: Buffer.alloc(4) }, device },
      );
    expect(read(null)).toMatchObject({ vlanId: null, octetDeltaCount: null });
    const device = { vlanId: 7, note: 'x', inner: { octetDeltaCount: 9 } };
    expect(read(device)).toMatchObject({ vlanId: 7, octetDeltaCount: 9 });
  });

  test('a named type is known again by its name', () => {
    const mac = { type: 'fixed', name: 'Mac', namespace: 'n', size: 6 };
    const mapping = mappingOf(
      { name: 'sourceMacAddress', type: mac },
      { name: 'destinationMacAddress', type: ['null', 'n.Mac'] },
    );
    expect(mapping.faults).toEqual([]);
    expect(mapping.fields).toHaveLength(2);
  });

  describe('a name without dots', () => {
    const named = (name: string, namespace: string | undefined, size: number) => ({
      type: 'fixed',
      name,
      ...(namespace === undefined ? {} : { namespace }),
      size,
    });
    const namesIn = (namespace: string, ...fields: readonly AvroField[]) =>
      mappingFromSchema({ type: 'record', name: 'E', namespace, fields });

    test('is in the namespace around it, and may be said in full or not', () => {
      const { fields, faults } = namesIn(
        'ns',
        { name: 'sourceMacAddress', type: named('Mac', undefined, 6) },
        { name: 'destinationMacAddress', type: 'ns.Mac' },
        { name: 'postSourceMacAddress', type: ['null', 'Mac'] },
      );
      expect(faults).toEqual([]);
      expect(fields).toHaveLength(3);
    });

    test('is in the namespace of a record around it, which its full name may say', () => {
      const fields = [{ name: 'sourceMacAddress', type: named('Mac', undefined, 6) }];
      const inner = { type: 'record', name: 'in.I', fields };
      const { faults } = namesIn(
        'ns',
        { name: 'i', type: inner },
        { name: 'destinationMacAddress', type: 'in.Mac' },
      );
      expect(faults).toEqual([]);
    });

    test('in two namespaces is two types', () => {
      const { fields, faults } = namesIn(
        'ns',
        { name: 'sourceMacAddress', type: named('A', 'x', 6) },
        { name: 'sourceAddress', type: named('A', undefined, 4) },
        { name: 'destinationMacAddress', type: 'x.A' },
        { name: 'destinationAddress', type: 'A' },
      );
      expect(faults).toEqual([]);
      expect(fields).toHaveLength(4);
    });
  });

  test('a record inside itself has no end and no value', () => {
    const list = {
      type: 'record',
      name: 'L',
      fields: [octets, { name: 'next', type: ['null', 'L'] }],
    };
    expect(mappingFromSchema(list)).toMatchObject({ ignored: ['next'], faults: [] });
  });
});
