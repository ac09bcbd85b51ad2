// Template IDs of retired Templates: they rest, and only then mean something else.

import { describe, expect, test } from 'vitest';
import { ianaRegistry } from '../../../src/ipfix/information-element.ts';
import type { FieldSpecifier } from '../../../src/ipfix/template.ts';
import { ActiveTemplates } from '../../../src/pipeline/templates/active-templates.ts';
import { TemplateIds } from '../../../src/pipeline/templates/template-ids.ts';

const restMs = 180_000;

function* layouts(): Iterable<readonly FieldSpecifier[]> {
  for (const first of ianaRegistry) {
    for (const second of ianaRegistry) {
      yield [
        { element: first, length: 1 },
        { element: second, length: 2 },
      ];
    }
  }
}

describe('a retired Template', () => {
  test('keeps its id when its layout is met again, and is the same object', () => {
    const ids = new TemplateIds([], { restMs, nowMs: () => 0 });
    const [layout] = layouts();
    const template = ids.templateOf(layout!);
    ids.retire(template);
    expect(ids.templateOf(layout!)).toBe(template);
  });

  test('gives its id to another layout only when it has rested', () => {
    let nowMs = 0;
    const ids = new TemplateIds([], { restMs, nowMs: () => nowMs });
    const all = layouts()[Symbol.iterator]();
    const [first, second] = sameId(all);
    const template = ids.templateOf(first);
    ids.retire(template);
    nowMs = restMs - 1;
    expect(ids.templateOf(second).id).not.toBe(template.id);
    const anew = new TemplateIds([], { restMs, nowMs: () => nowMs });
    anew.retire(anew.templateOf(first));
    nowMs += restMs;
    const { epoch } = anew;
    expect(anew.templateOf(second).id).toBe(template.id);
    expect(anew.epoch).toBeGreaterThan(epoch);
    expect(anew.templateOf(first).id).not.toBe(template.id);
  });

  test('in use again keeps its id, however long ago it was retired', () => {
    let nowMs = 0;
    const ids = new TemplateIds([], { restMs, nowMs: () => nowMs });
    const [first, second] = sameId(layouts()[Symbol.iterator]());
    const template = ids.templateOf(first);
    ids.retire(template);
    ids.use(template);
    nowMs = 2 * restMs;
    expect(ids.templateOf(second).id).not.toBe(template.id);
  });
});

test('more Shapes than there are ids refuse no event: the id that rests longest gives way', () => {
  const ids = new TemplateIds([], { restMs: Infinity, nowMs: () => 0 });
  const active = new ActiveTemplates({ templatesMax: 64, known: [], ids });
  let met = 0;
  for (const layout of layouts()) {
    active.use(ids.templateOf(layout));
    met += 1;
    if (met === 80_000) break;
  }
  expect(met).toBe(80_000);
  const inUse = active.all();
  expect(inUse).toHaveLength(64);
  expect(new Set(inUse.map(({ id }) => id)).size).toBe(64);
});

/** Two layouts whose hash is the same. */
function sameId(all: Iterator<readonly FieldSpecifier[]>) {
  const byId = new Map<number, readonly FieldSpecifier[]>();
  for (;;) {
    const layout = all.next().value as readonly FieldSpecifier[];
    const { id } = new TemplateIds([]).templateOf(layout);
    const other = byId.get(id);
    if (other) return [other, layout] as const;
    byId.set(id, layout);
  }
}
