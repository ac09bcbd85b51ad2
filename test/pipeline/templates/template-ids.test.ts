import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { ianaRegistry } from '../../../src/ipfix/information-element.ts';
import type { FieldSpecifier } from '../../../src/ipfix/template.ts';
import { TemplateIds } from '../../../src/pipeline/templates/template-ids.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

type Layout = readonly FieldSpecifier[];

const field = fc.record({
  element: fc.constantFrom(...ianaRegistry),
  length: fc.constantFrom(1, 2, 4, 8, 65_535),
});
const layouts = fc.array(fc.array(field, { minLength: 1, maxLength: 6 }), { maxLength: 40 });

const inTwoOrders = layouts.chain((given) =>
  fc.tuple(fc.constant(given), fc.shuffledSubarray(given, { minLength: given.length })),
);

const idAlone = (layout: Layout) => new TemplateIds([]).templateOf(layout).id;

/** Layouts of one and of two fields, so many that some must fall together. */
function* manyLayouts(): Iterable<Layout> {
  for (const first of ianaRegistry) {
    for (const second of ianaRegistry) {
      yield [
        { element: first, length: 1 },
        { element: second, length: 2 },
      ];
    }
  }
}

/** That many different layouts that all have the same id when alone: `wanted`, or any. */
function colliding(count: number, wanted?: number): Layout[] {
  const byId = new Map<number, Layout[]>();
  for (const layout of manyLayouts()) {
    const id = idAlone(layout);
    if (wanted !== undefined && id !== wanted) continue;
    const found = [...(byId.get(id) ?? []), layout];
    if (found.length === count) return found;
    byId.set(id, found);
  }
  throw new Error(`no ${count} layouts fall together`);
}

const idsOf = (ids: TemplateIds, given: readonly Layout[]) =>
  given.map((one) => ids.templateOf(one).id);

describe('Template IDs', () => {
  test('are a hash of the field list, the same in every process and version', () => {
    const element = (id: number) => ianaRegistry.find((one) => one.id === id)!;
    const layout = [
      { element: element(8), length: 4 },
      { element: element(1), length: 8 },
    ];
    expect(idAlone(layout)).toBe(naiveId('0000 0002 0008 0004 0001 0008'));
    expect(idAlone([...layout].reverse())).toBe(naiveId('0000 0002 0001 0008 0008 0004'));
    // Without fields it would be a withdrawal: it has no id.
    expect(() => idAlone([])).toThrow('has no fields');
  });

  test('are from 256 to 65535, and differ where the layouts do', () => {
    fc.assert(
      fc.property(layouts, (given) => {
        const ids = new TemplateIds([]);
        const byId = new Map<number, string>();
        for (const layout of given) {
          const id = ids.templateOf(layout).id;
          expect(id).toBeGreaterThanOrEqual(256);
          expect(id).toBeLessThanOrEqual(65_535);
          const text = layout.map(({ element, length }) => `${element.id}/${length}`).join(' ');
          expect(byId.get(id) ?? text).toBe(text);
          byId.set(id, text);
          expect(ids.templateOf([...layout]).id).toBe(id);
        }
      }),
    );
  });

  test('do not depend on the order in which known layouts are given or met', () => {
    fc.assert(
      fc.property(inTwoOrders, ([given, shuffled]) => {
        const wanted = idsOf(new TemplateIds(given), given);
        expect(idsOf(new TemplateIds(shuffled), given)).toEqual(wanted);
        const met = new TemplateIds(given);
        idsOf(met, shuffled);
        expect(idsOf(met, given)).toEqual(wanted);
      }),
    );
  });
});

test('Options Templates have ids out of the same numbers, never that of another layout', () => {
  fc.assert(
    fc.property(layouts, fc.nat({ max: 5 }), (given, scope) => {
      const ids = new TemplateIds(given);
      const kinds = given.map((layout) => [
        ids.templateOf(layout),
        ids.optionsTemplateOf(layout, Math.min(layout.length, scope + 1)),
        ids.optionsTemplateOf(layout, 1),
      ]);
      const all = new Set(kinds.flat());
      expect(new Set(Array.from(all, ({ id }) => id)).size).toBe(all.size);
      for (const { id } of all) expect([id >= 256, id <= 65_535]).toEqual([true, true]);
    }),
  );
});

describe('layouts that fall together', () => {
  const [first, second, third] = colliding(3);
  const id = idAlone(first!);

  test('do have one id alone, and take the next free ones together', () => {
    expect(idAlone(second!)).toBe(id);
    expect(idsOf(new TemplateIds([]), [first!, second!, third!])).toEqual([id, id + 1, id + 2]);
  });

  test('agree in opposite orders when both were known at the start', () => {
    const given = [first!, second!, third!];
    const forwards = new TemplateIds(given);
    const backwards = new TemplateIds([...given].reverse());
    const wanted = idsOf(forwards, given);
    expect(new Set(wanted)).toEqual(new Set([id, id + 1, id + 2]));
    expect(idsOf(backwards, [...given].reverse())).toEqual([...wanted].reverse());
  });

  test('leave those that were known where they are', () => {
    const ids = new TemplateIds([second!]);
    expect(ids.templateOf(first!).id).toBe(id + 1);
    expect(ids.templateOf(second!).id).toBe(id);
  });
});

test('behind 65535 the next free id is 256', () => {
  const [last, same] = colliding(2, 65_535);
  const ids = new TemplateIds([]);
  expect([ids.templateOf(last!).id, ids.templateOf(same!).id]).toEqual([65_535, 256]);
});

test('when all are taken it says so', () => {
  const ids = new TemplateIds([]);
  let taken = 0;
  expect(() => {
    for (const layout of manyLayouts()) {
      ids.templateOf(layout);
      taken += 1;
    }
  }).toThrow('all 65,280 Template IDs are taken');
  expect(taken).toBe(65_280);
});

/** FNV-1a in 32 bits, by the book and in bigints. */
function naiveId(digits: string): number {
  let hash = 2166136261n;
  for (const octet of Buffer.from(digits.replaceAll(' ', ''), 'hex')) {
    hash = ((hash ^ BigInt(octet)) * 16777619n) % 2n ** 32n;
  }
  return 256 + Number(hash % 65_280n);
}
