// Which Templates a collector is held to know.

import { expect, test } from 'vitest';
import { elementByName } from '../../../src/ipfix/information-element.ts';
import { ActiveTemplates } from '../../../src/pipeline/templates/active-templates.ts';

const templateOf = (length: number) => ({
  id: 256,
  fields: [{ element: elementByName('flowId')!, length }],
});

test('a telling of the Template that had its id before does not count for another one', () => {
  const [before, now] = [templateOf(8), templateOf(4)];
  const templates = new ActiveTemplates({ templatesMax: 1, known: [now] });
  templates.told([before]);
  templates.told([before]);
  expect(templates.isAnnounced(now)).toBe(false);
  templates.told([now]);
  templates.told([now]);
  expect([templates.isAnnounced(now), templates.isAnnounced(before)]).toEqual([true, false]);
});
