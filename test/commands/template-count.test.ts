// More possible Templates than MAX_TEMPLATES are worth a warning only where they are likely to occur.

import { expect, test } from 'vitest';
import { templateWarning } from '../../src/commands/template-count.ts';
import { mappingFromSchema } from '../support/events/mapping.ts';
import { flowEventMapping } from '../support/events/flow-events.ts';

const names = [
  ...['flowId', 'octetDeltaCount', 'packetDeltaCount', 'vlanId', 'ingressInterface'],
  ...['egressInterface', 'protocolIdentifier'],
];

/** Fields that can be null: 2^7 - 1 Templates if each is null by itself. */
const mappingWith = (group?: string) =>
  mappingFromSchema({
    ...{ type: 'record', name: 'E' },
    fields: names.map((name) => ({
      ...{ name, type: ['null', 'long'] },
      ...(group !== undefined && { ipfix: { element: name, group } }),
    })),
  });
const seven = { topic: 'flows', mapping: mappingWith() };

const none = { events: 0, templates: 0 };
const warningOf = (
  sampled: { events: number; templates: number },
  mappings = [seven],
  templatesMax = 64,
) => templateWarning({ mappings, templatesMax, sampled })?.problem;

test('without samples, more possible Templates than are in use at a time are warned of', () => {
  expect(warningOf(none)).toBe(
    '127 Templates are possible (flows), but at most 64 are in use at a time; no samples show how ' +
      'many occur. Set "null": "unknown" or one "group" for fields that are often null ' +
      `(${names.join(', ')}), or raise MAX_TEMPLATES`,
  );
  expect(warningOf(none, [seven], 127)).toBeUndefined();
});

test('the default schema is not warned of, nor fields of one group', () => {
  expect(warningOf(none, [{ topic: 'flows', mapping: flowEventMapping }])).toBeUndefined();
  expect(warningOf(none, [{ topic: 'flows', mapping: mappingWith('all') }], 2)).toBeUndefined();
});

test('the Templates of all topics count together', () => {
  const two = [seven, { topic: 'other', mapping: mappingWith() }];
  expect(warningOf(none, two, 200)).toContain('254 Templates are possible (flows, other), but');
  expect(warningOf(none, two, 254)).toBeUndefined();
});

test.each([
  ['few Templates', { events: 40, templates: 3 }, undefined],
  ['half of those in use', { events: 100, templates: 32 }, undefined],
  [
    'more than half of those in use',
    { events: 100, templates: 33 },
    'the 100 sampled events have 33',
  ],
  ['a Template for most events', { events: 10, templates: 6 }, 'the 10 sampled events have 6'],
  ['too few events to say', { events: 7, templates: 1 }, 'no samples show how many occur'],
])('samples with %s decide', (_, sampled, text) => {
  if (text === undefined) expect(warningOf(sampled)).toBeUndefined();
  else expect(warningOf(sampled)).toContain(text);
});
