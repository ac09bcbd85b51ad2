// Fields that nothing maps and whose names look as if something could: a suggestion for each, for
// `validate`. Never a decision.

import { leavesOf, type AvroLeaf } from '../../avro/leaves.ts';
import type { AvroType } from '../../avro/schema.ts';
import { didYouMean } from '../../did-you-mean.ts';
import { ianaRegistry } from '../../ipfix/information-element.ts';
import { elementChoice, looseName } from './element-choice.ts';
import { EventSources } from './event-source.ts';
import { FieldBinding } from './field-binding.ts';
import { generic } from './collector-profile.ts';
import type { Mapping } from './mapping.ts';
import { attempt, MappingError } from './mapping-error.ts';
import type { ElementSpec, FieldSpec, Preset } from './mapping-spec.ts';
import { commonNames } from './presets/common-names.ts';
import { presetsByFit } from './presets/preset-fit.ts';

export interface ElementHint {
  readonly path: string;
  readonly element: string;
  /** The preset that maps this name to it; undefined where the name only resembles the element's. */
  readonly preset: string | undefined;
}

/** Suggestions for the ignored fields of a mapping, of elements that no field fills yet. */
export function elementHints(root: AvroType, mapping: Mapping): ElementHint[] {
  const leaves = leavesOf(root, mapping.events);
  const sources = new EventSources(root, leaves, mapping.events);
  const defaults = { zone: 'UTC', nullValues: [], unmapIPv4: true, profile: generic };
  const binding = new FieldBinding(sources, defaults);
  const known = presetsByFit(leaves.map(({ path }) => path)).map(({ preset }) => preset);
  const filled = new Set(mapping.fields.map(({ elementName }) => elementName));
  return leaves.flatMap((leaf): ElementHint[] => {
    if (!mapping.ignored.includes(leaf.path)) return [];
    const fits = ({ element, spec }: Candidate): boolean =>
      !isFilled(element, filled) &&
      !(attempt(() => binding.bind(leaf.path, spec, 'preset hint')) instanceof MappingError);
    for (const candidate of candidatesFor(leaf, known)) {
      if (!fits(candidate)) continue;
      filled.add(candidate.element);
      return [{ path: leaf.path, element: candidate.element, preset: candidate.preset }];
    }
    return [];
  });
}

interface Candidate {
  readonly element: string;
  readonly spec: ElementSpec;
  readonly preset: string | undefined;
}

function* candidatesFor(
  { path, names }: AvroLeaf,
  presets: readonly Preset[],
): Iterable<Candidate> {
  const loose = [path, ...names].map(looseName);
  for (const { name, mapping } of presets) {
    yield* knownIn(mapping.fields ?? {}, loose, name);
  }
  yield* knownIn(commonNames, loose, undefined);
  for (const name of names) {
    const element = similarElement(name);
    if (element !== undefined) yield { element, spec: { element }, preset: undefined };
  }
}

function* knownIn(
  fields: Readonly<Record<string, FieldSpec>>,
  loose: readonly string[],
  preset: string | undefined,
): Iterable<Candidate> {
  for (const [path, said] of Object.entries(fields)) {
    if (!loose.includes(looseName(path))) continue;
    for (const one of [said].flat()) {
      const spec = typeof one === 'string' ? { element: one } : one;
      if (spec.element !== 'drop') yield { element: spec.element, spec, preset };
    }
  }
}

/** Shorter names are near to too many. */
const nameLengthMin = 6;

function similarElement(name: string): string | undefined {
  const loose = looseName(name);
  if (loose.length < nameLengthMin) return undefined;
  elementNames ??= ianaRegistry.flatMap((element) => (element.deprecated ? [] : element.name));
  return didYouMean(loose, elementNames, Math.max(1, Math.floor(loose.length / 6)));
}

let elementNames: readonly string[] | undefined;

/** Itself, or one of the two of a pair. */
function isFilled(name: string, filled: ReadonlySet<string>): boolean {
  if (filled.has(name)) return true;
  const parts = elementChoice(name)?.elements ?? [];
  return parts.some((element) => filled.has(element.name));
}
