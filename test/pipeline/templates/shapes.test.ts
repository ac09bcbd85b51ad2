// Which Templates come of a mapping, and which one an event takes.

import { describe, expect, test } from 'vitest';
import { mappingFromSchema } from '../../support/events/mapping.ts';
import {
  type Branch,
  type Choice,
  type Shape,
  Shapes,
} from '../../../src/pipeline/templates/shapes.ts';
import { TemplateIds } from '../../../src/pipeline/templates/template-ids.ts';
import { flowEventMapping } from '../../support/events/flow-events.ts';

type AvroFields = readonly Record<string, unknown>[];

function shapesOf(...fields: AvroFields): Shapes {
  const mapping = mappingFromSchema({ type: 'record', name: 'E', fields });
  expect(mapping.faults).toEqual([]);
  return new Shapes(mapping.forward);
}

const names = (shape: Shape | undefined) =>
  (shape?.template.fields ?? []).map(({ element }) => element.name);
const knownNames = (shapes: Shapes) => shapes.known.map(names);

const octets = { name: 'octets', type: 'long', ipfix: 'octetDeltaCount' };
const optional = (name: string, group?: string) => ({
  name,
  type: ['null', 'int'],
  ipfix: group === undefined ? name : { element: name, group },
});
const source = { name: 'sourceAddress', type: 'bytes' };

describe('the default schema', () => {
  const { known } = new Shapes(flowEventMapping.forward);

  test('lets expect 8 Templates at most, half of them of each IP version', () => {
    expect(known).toHaveLength(8);
    expect(new Set(known.map(({ template }) => template.id)).size).toBe(8);
    expect(known.filter((shape) => names(shape).includes('sourceIPv6Address'))).toHaveLength(4);
  });

  test("has no Template with elements of both IP versions, but the exporter's", () => {
    for (const shape of known) {
      const versions = names(shape)
        .filter((name) => !name.startsWith('originalExporter'))
        .flatMap((name) => /IPv[46]/.exec(name)?.[0] ?? []);
      expect(new Set(versions).size).toBe(1);
    }
  });

  test('has these ids for good: a collector may know them from before', () => {
    expect(known.map(({ template }) => template.id)).toEqual([
      52084, 51281, 16697, 7502, 46640, 2112, 46362, 28272,
    ]);
  });

  test('knows each Shape once: the same choices give the same object', () => {
    const shapes = new Shapes(flowEventMapping.forward);
    const choices = shapes.branches.map((): Choice => 1);
    expect(shapes.of(choices)).toBe(shapes.of([...choices]));
    expect(shapes.known).toContain(shapes.of(choices));
  });
});

describe('a field that may be absent', () => {
  test('doubles the known Templates alone, and with its group only once', () => {
    expect(knownNames(shapesOf(octets, optional('icmpTypeIPv4')))).toEqual([
      ['octetDeltaCount'],
      ['octetDeltaCount', 'icmpTypeIPv4'],
    ]);
    const grouped = [optional('icmpTypeIPv4', 'icmp'), optional('icmpCodeIPv4', 'icmp')];
    expect(knownNames(shapesOf(octets, ...grouped))).toEqual([
      ['octetDeltaCount'],
      ['octetDeltaCount', 'icmpTypeIPv4', 'icmpCodeIPv4'],
    ]);
  });

  test('of a group that is there in part has its own Template, in the order of the schema', () => {
    const grouped = [optional('icmpTypeIPv4', 'icmp'), optional('icmpCodeIPv4', 'icmp')];
    const shapes = shapesOf(grouped[0]!, octets, grouped[1]!);
    expect(names(shapes.of([0, 1]))).toEqual(['octetDeltaCount', 'icmpCodeIPv4']);
    expect(names(shapes.of([1, 0]))).toEqual(['icmpTypeIPv4', 'octetDeltaCount']);
    expect([...shapes.of([0, 1])!.present]).toEqual([1, 2]);
  });

  test('of more groups than six is announced only when it is met, but for all of them together', () => {
    const seven = [
      'ipVersion',
      'ipTTL',
      'icmpTypeIPv4',
      'icmpCodeIPv4',
      'igmpType',
      'vlanId',
      'ipPrecedence',
    ].map((name) => optional(name));
    const shapes = shapesOf(octets, ...seven);
    expect(shapes.known).toHaveLength(1);
    expect(names(shapes.known[0])).toHaveLength(8);
    expect(shapesOf(octets, ...seven.slice(1)).known).toHaveLength(64);
  });

  test('whose null has a value of its own never changes the Template', () => {
    const vlan = { name: 'vlanId', type: ['null', 'int'], ipfix: { element: 'vlanId', null: 0 } };
    const shapes = shapesOf(octets, vlan);
    expect(shapes.branches).toEqual([]);
    expect(knownNames(shapes)).toEqual([['octetDeltaCount', 'vlanId']]);
  });
});

describe('IP versions', () => {
  test("addresses choose by themselves; what follows the flow has the flow's", () => {
    const prefix = { name: 'sourcePrefixLength', type: 'int' };
    const hop = { name: 'ipNextHopAddress', type: 'bytes' };
    const shapes = shapesOf(source, prefix, hop);
    expect(knownNames(shapes)).toEqual([
      ['sourceIPv4Address', 'sourceIPv4PrefixLength', 'ipNextHopIPv4Address'],
      ['sourceIPv6Address', 'sourceIPv6PrefixLength', 'ipNextHopIPv6Address'],
    ]);
    expect(names(shapes.of([2, 2, 1]))).toEqual([
      'sourceIPv6Address',
      'sourceIPv6PrefixLength',
      'ipNextHopIPv4Address',
    ]);
  });

  test('an exporter is expected over IPv4, whatever the flow is', () => {
    const exporter = { name: 'exporterAddress', type: 'bytes' };
    expect(knownNames(shapesOf(source, exporter))).toEqual([
      ['sourceIPv4Address', 'exporterIPv4Address'],
      ['sourceIPv6Address', 'exporterIPv4Address'],
    ]);
  });

  test('an element that names its version is left as it is', () => {
    const fixed = { name: 'a', type: 'bytes', ipfix: 'sourceIPv6Address' };
    expect(knownNames(shapesOf(fixed))).toEqual([['sourceIPv6Address']]);
  });
});

test("a record's least octets and its variable fields are those of its Template", () => {
  const name = { name: 'applicationName', type: 'string' };
  const [shape] = shapesOf(octets, name, source).known;
  expect(shape).toMatchObject({ fixedOctets: 8 + 1 + 4, variable: [1] });
  expect(shape!.elements).toHaveLength(3);
});

describe('ids agree whichever Shape is met first', () => {
  test('of all that events of the default schema can have', () => {
    const { branches } = new Shapes(flowEventMapping.forward);
    const possible = ([1, 2] as const).flatMap((version) =>
      combinations(branches.map((branch) => choicesIn(version, branch))),
    );
    expect(possible).toHaveLength(2 * 2 ** 6 * 3 ** 2);
    expectSameIdsInAnyOrder(() => new Shapes(flowEventMapping.forward), possible);
  });

  test('wherever all possible ones can be listed', () => {
    const optionals = ['ipTTL', 'igmpType', 'vlanId', 'ipPrecedence', 'ipVersion', 'flowDirection'];
    const fields = [
      source,
      { name: 'ipNextHopAddress', type: ['null', 'bytes'] },
      ...[...optionals, 'icmpTypeIPv4', 'icmpTypeIPv6', 'flowEndReason'].map((name) =>
        optional(name),
      ),
    ];
    const flags = Array.from({ length: 9 }, (): Choice[] => [0, 1]);
    const possible = combinations([[1, 2], [0, 1, 2], ...flags]);
    expectSameIdsInAnyOrder(() => shapesOf(...fields), possible);
  });
});

const combinations = (choices: readonly Choice[][]): Choice[][] =>
  choices.reduce<Choice[][]>(
    (lists, own) => lists.flatMap((list) => own.map((choice) => [...list, choice])),
    [[]],
  );

/** What a flow of one IP version can choose: only addresses beside the flow's own are free. */
function choicesIn(version: 1 | 2, { field }: Branch): Choice[] {
  const isFree = field.choice === 'value' && field.flowVersion === undefined;
  const present: Choice[] = isFree ? [1, 2] : [field.choice === 'nothing' ? 1 : version];
  return field.omitNull ? [0, ...present] : present;
}

function expectSameIdsInAnyOrder(shapesAnew: () => Shapes, possible: readonly Choice[][]): void {
  const templatesIn = (order: readonly Choice[][]) => {
    const shapes = shapesAnew();
    return new Map(order.map((choices) => [choices.join(''), shapes.of(choices)!.template]));
  };
  const forwards = templatesIn(possible);
  const templates = [...forwards.values()];
  // Some do fall together: else the order could not matter.
  const alone = templates.map(({ fields: layout }) => new TemplateIds([]).templateOf(layout).id);
  expect(new Set(alone).size).toBeLessThan(possible.length);
  expect(new Set(templates.map(({ id }) => id)).size).toBe(possible.length);
  expect(templatesIn([...possible].reverse())).toEqual(forwards);
}
