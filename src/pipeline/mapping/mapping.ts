// The mapping of one Avro schema: which field becomes which Information Element, in which order, and
// which events are dropped. What is said of a topic is bound to the schema here; every fault has a path.
//
// Where an element comes from, first match wins: MAPPING_FILE, a producer's preset, the "ipfix"
// attribute in the schema, the field's own name or alias.

import {
  eventsArrayAt,
  eventsRoot,
  leavesOf,
  recordsIn,
  type AvroLeaf,
} from '../../avro/leaves.ts';
import type { AvroType } from '../../avro/schema.ts';
import type { InformationElement } from '../../ipfix/information-element.ts';
import { type Directions, directionsOf } from './biflow.ts';
import { type CollectorProfile, generic } from './collector-profile.ts';
import { elementNameLike, looseName } from './element-choice.ts';
import { type EventRule, eventRule } from './event-rules.ts';
import { EventSources } from './event-source.ts';
import { FieldBinding } from './field-binding.ts';
import { attempt, MappingError, type MappingFault } from './mapping-error.ts';
import { elementSpecFrom } from './mapping-file.ts';
import type { MappedBy, MappedField } from './mapped-field.ts';
import type { ElementSpec, FieldSpec, Preset, RuleSpec, TopicMapping } from './mapping-spec.ts';
import { commonNames } from './presets/common-names.ts';
import { bestPresetText, hasBetter } from './presets/preset-fit.ts';

export interface Mapping extends Directions {
  /** All fields bound, in the order of the Template. */
  readonly fields: readonly MappedField[];
  /** What the event reader reads, slot by slot. */
  readonly paths: readonly string[];
  /** The array whose items are the events, where they are wrapped. */
  readonly events: string | undefined;
  readonly rules: readonly EventRule[];
  /** Paths that no element was found for. */
  readonly ignored: readonly string[];
  /** Paths that were left out knowingly, or gave way, and why. */
  readonly leftOut: readonly MappingFault[];
  /** What is allowed and is probably not meant. */
  readonly warnings: readonly MappingFault[];
  readonly faults: readonly MappingFault[];
}

/** What is said of a topic beside its schema. */
export interface TopicWords {
  readonly section: TopicMapping;
  readonly presets: readonly Preset[];
  /** What the collecting program needs; the generic one where none is named. */
  readonly profile?: CollectorProfile;
}

const nothingSaid: TopicWords = { section: {}, presets: [] };

/** Earlier layers win over later ones. */
const layers = ['file', 'producer', 'attribute', 'name'] as const;
type Layer = (typeof layers)[number];

interface Entry {
  readonly path: string;
  readonly specs: readonly ElementSpec[];
  readonly layer: Layer;
  readonly mappedBy: MappedBy;
  /** Of several fields for one element the first has it, the others are left out. */
  readonly givesWay: boolean;
}

/** Binds what is said of a topic to a schema. Faults are collected, never thrown. */
export function mappingOf(root: AvroType, words = nothingSaid): Mapping {
  return new Mapper(root, words).mapping();
}

class Mapper {
  readonly #root: AvroType;
  readonly #presets: readonly Preset[];
  /** The section's own fields. */
  readonly #listedFields: Readonly<Record<string, FieldSpec>>;
  /** The section over its presets, but for their fields. */
  readonly #section: TopicMapping;
  readonly #events: string | undefined;
  readonly #leaves: readonly AvroLeaf[];
  readonly #sources: EventSources;
  readonly #binding: FieldBinding;
  /** Which entry fills an element. */
  readonly #claims = new Map<InformationElement, Entry>();
  readonly #faults: MappingFault[] = [];
  readonly #leftOut: MappingFault[] = [];
  readonly #seen = new Set<string>();

  constructor(root: AvroType, words: TopicWords) {
    this.#root = root;
    this.#presets = words.presets;
    this.#listedFields = words.section.fields ?? {};
    this.#section = withPresets(words);
    const { events, zone, nullValues = [], ipv4Mapped } = this.#section;
    const wrong = events === undefined ? undefined : eventsArrayAt(root, events);
    if (wrong !== undefined) this.#fault('events', wrong);
    this.#events = wrong === undefined ? events : undefined;
    this.#leaves = leavesOf(root, this.#events);
    this.#sources = new EventSources(root, this.#leaves, this.#events);
    const { profile = generic } = words;
    const unmapIPv4 = ipv4Mapped !== 'ipv6';
    this.#binding = new FieldBinding(this.#sources, { zone, nullValues, unmapIPv4, profile });
  }

  mapping(): Mapping {
    const { biflow = 'split', skip = [], keep = [] } = this.#section;
    const fields = this.#bound([...this.#listed(), ...this.#produced(), ...this.#unlisted()]);
    const rules = [...this.#rules('skip', skip), ...this.#rules('keep', keep)];
    const directions = biflow === 'reverse' ? oneDirection(fields) : directionsOf(fields);
    const isDropped = this.#isDropped(skip);
    // With a field missing for its own fault, these would blame the others.
    if (this.#faults.length === 0 && !isDropped) {
      this.#faults.push(...wholeFaults(fields, directions, this.#leaves));
    }
    return {
      fields,
      ...(biflow === 'forward' ? oneDirection(directions.forward) : directions),
      paths: this.#sources.paths,
      events: this.#events,
      rules,
      ignored: this.#leaves.map(({ path }) => path).filter((path) => !this.#seen.has(path)),
      leftOut: this.#leftOut,
      warnings: isDropped ? [] : [...this.#presetWarnings(fields), ...emptyWarnings(directions)],
      faults: this.#faults,
    };
  }

  *#presetWarnings(fields: readonly MappedField[]): Iterable<MappingFault> {
    const paths = this.#leaves.map((leaf) => leaf.path);
    for (const preset of this.#presets) {
      const { name, mapping } = preset;
      const path = `preset ${name}`;
      const mapped = fields.filter(({ mappedBy }) => mappedBy === path).length;
      if (mapped === 0) {
        const names = Object.keys(mapping.fields ?? {}).slice(0, 3);
        const fix = bestPresetText(paths) ?? 'see docs/presets.md';
        const problem = `maps no field: the schema has none of ${names.join(', ')}, …; ${fix}`;
        yield { path, problem };
      } else if (hasBetter(preset, this.#presets, paths)) {
        const count = mapped === 1 ? '1 field' : `${mapped} fields`;
        yield { path, problem: `maps only ${count} of the schema; ${bestPresetText(paths)}` };
      }
    }
  }

  /** All events of the schema are dropped by the names of their records. */
  #isDropped(skip: readonly RuleSpec[]): boolean {
    const dropped = skip.flatMap(({ field, is }) => (field === '$record' ? is : []));
    const records = recordsIn(eventsRoot(this.#root));
    return records.length > 0 && records.every(({ name }) => dropped.includes(name));
  }

  #fault(path: string, problem: string): void {
    this.#faults.push({ path, problem });
  }

  #leaveOut(path: string, problem: string): void {
    this.#leftOut.push({ path, problem });
  }

  #rules(kind: 'skip' | 'keep', specs: readonly RuleSpec[]): EventRule[] {
    return specs.flatMap((spec, i) => {
      this.#seen.add(spec.field);
      const rule = attempt(() => eventRule(kind, spec, this.#sources));
      if (!(rule instanceof MappingError)) return [rule];
      this.#fault(`${kind}.${i} (${spec.field})`, rule.message);
      return [];
    });
  }

  *#listed(): Iterable<Entry> {
    for (const [path, said] of Object.entries(this.#listedFields)) {
      for (const spec of specsOf(said)) {
        const there = this.#isThere(path) || !spec.optional ? { path, spec } : this.#standIn(spec);
        if (!there) continue;
        const rest = { layer: 'file', mappedBy: 'file', givesWay: false } as const;
        yield { path: there.path, specs: [there.spec], ...rest };
      }
    }
  }

  #isThere(path: string): boolean {
    return path.startsWith('$') || this.#sources.leafAt(path) !== undefined;
  }

  /** Where the schema lacks a field, the first of its fallbacks that is there is read in its place. */
  #standIn({ fallback = [], ...spec }: ElementSpec) {
    const [path, ...others] = fallback.filter((one) => this.#isThere(one));
    if (path === undefined) return undefined;
    return { path, spec: others.length > 0 ? { ...spec, fallback: others } : spec };
  }

  *#produced(): Iterable<Entry> {
    for (const preset of this.#presets) {
      if (preset.kind !== 'producer') continue;
      for (const [path, said] of Object.entries(preset.mapping.fields ?? {})) {
        const found = this.#pathLike(path);
        if (found === undefined || this.#listedFields[found] !== undefined) continue;
        const mappedBy = `preset ${preset.name}` as const;
        yield { path: found, specs: specsOf(said), layer: 'producer', mappedBy, givesWay: true };
      }
    }
  }

  #pathLike(path: string): string | undefined {
    if (path.startsWith('$')) return path;
    const loose = looseName(path);
    const leaf = this.#leaves.find((other) => looseName(other.path) === loose);
    return leaf?.path ?? this.#sources.leafAt(path)?.path;
  }

  *#unlisted(): Iterable<Entry> {
    if (this.#section.unlisted === 'ignore') return;
    for (const leaf of this.#leaves) {
      if (this.#listedFields[leaf.path] !== undefined) continue;
      const entry = this.#byAttribute(leaf) ?? this.#byName(leaf);
      if (entry) yield entry;
    }
  }

  #byAttribute({ path, names, attribute }: AvroLeaf): Entry | undefined {
    if (attribute === undefined) return undefined;
    const said = attempt(() => elementSpecFrom(withElement(attribute, names)));
    if (said instanceof MappingError) {
      this.#fault(path, said.message);
      this.#seen.add(path);
      return undefined;
    }
    const mappedBy = isNamed(attribute) ? 'attribute' : 'name';
    return { path, specs: specsOf(said), layer: 'attribute', mappedBy, givesWay: false };
  }

  #byName({ path, names }: AvroLeaf): Entry | undefined {
    const entry = { path, layer: 'name', mappedBy: 'name' } as const;
    const element = firstOf(names, elementNameLike);
    if (element !== undefined) return { ...entry, specs: [{ element }], givesWay: false };
    for (const { name, kind, mapping } of this.#presets) {
      const said = kind === 'names' ? likeKey(mapping.fields ?? {}, path) : undefined;
      if (said === undefined) continue;
      return { ...entry, specs: specsOf(said), mappedBy: `preset ${name}`, givesWay: true };
    }
    if (this.#presets.length > 0) return undefined;
    const said = firstOf(names, (name) => likeKey(commonNames, name));
    return said === undefined ? undefined : { ...entry, specs: specsOf(said), givesWay: true };
  }

  /** Claims go by layer, the Template's order by entry. */
  #bound(entries: readonly Entry[]): MappedField[] {
    const fieldsOf = new Map<Entry, MappedField[]>();
    for (const layer of layers) {
      for (const entry of entries.filter((one) => one.layer === layer)) {
        fieldsOf.set(entry, this.#fieldsOf(entry));
      }
    }
    return entries.flatMap((entry) => fieldsOf.get(entry) ?? []);
  }

  #fieldsOf(entry: Entry): MappedField[] {
    const { path, layer } = entry;
    // A field of an earlier layer is not asked again.
    if (layer !== 'file' && this.#seen.has(path) && !path.startsWith('$')) return [];
    this.#seen.add(path);
    return entry.specs.flatMap((spec) => {
      if (this.#isLeftOut(path, spec)) return [];
      for (const also of [spec.plus ?? [], spec.fallback ?? []].flat()) this.#seen.add(also);
      const field = attempt(() => this.#binding.bind(path, spec, entry.mappedBy));
      if (!(field instanceof MappingError)) return this.#claim(field, entry) ? [field] : [];
      // What nobody asked for by name is not a fault of the mapping.
      if (field.isByProfile && layer !== 'file') this.#leaveOut(path, field.message);
      else this.#fault(path, field.message);
      return [];
    });
  }

  /** What the mapping itself leaves out. */
  #isLeftOut(path: string, spec: ElementSpec): boolean {
    if (spec.element === 'drop') {
      const said = Object.keys(spec).find((key) => key !== 'element' && key !== 'optional');
      if (said !== undefined) {
        this.#fault(path, `"drop" fills no element, so "${said}" has no effect; remove it`);
      }
      this.#leaveOut(path, 'dropped by the mapping');
      return true;
    }
    const isApplied = this.#section.samplingApplied === true && samplingElements.has(spec.element);
    if (isApplied) this.#leaveOut(path, 'the rate is applied already');
    return isApplied;
  }

  /** False where another field fills one of the elements already. */
  #claim({ elements: mapped }: MappedField, entry: Entry): boolean {
    const { path, layer, givesWay } = entry;
    const elements = mapped.map(({ field }) => field.element);
    for (const element of elements) {
      const other = this.#claims.get(element);
      if (!other) continue;
      if (givesWay || other.layer !== layer) {
        this.#leaveOut(path, `${element.name} is filled by ${other.path}`);
      } else {
        this.#fault(path, `fills ${element.name}, as ${other.path} does; map only one of them`);
      }
      return false;
    }
    // A record can hold several lists.
    for (const element of elements) {
      if (element.type !== 'basicList') this.#claims.set(element, entry);
    }
    return true;
  }
}

const oneDirection = (fields: readonly MappedField[]): Directions => ({
  forward: fields,
  reverse: undefined,
});

const samplingElements: ReadonlySet<string> = new Set([
  'samplingInterval',
  'samplingPacketInterval',
  'samplingPacketSpace',
  'samplingProbability',
]);

/** A section's own words win over its presets', earlier presets over later ones. */
function withPresets({ section, presets }: TopicWords): TopicMapping {
  const mappings = presets.map(({ mapping }) => mapping);
  const merged = Object.assign({}, ...mappings.toReversed(), section) as TopicMapping;
  const tolerant = mappings.flatMap(({ skip = [] }) => skip);
  return {
    ...merged,
    skip: [...(section.skip ?? []), ...tolerant.map((rule) => ({ ...rule, optional: true }))],
    keep: [section, ...mappings].flatMap(({ keep = [] }) => keep),
  };
}

const specsOf = (said: FieldSpec): ElementSpec[] =>
  [said].flat().map((one) => (typeof one === 'string' ? { element: one } : one));

/** What the first name comes to that comes to something. */
function firstOf<T>(names: readonly string[], find: (name: string) => T | undefined) {
  return names.map(find).find((found) => found !== undefined);
}

const likeKey = (
  fields: Readonly<Record<string, FieldSpec>>,
  name: string,
): FieldSpec | undefined =>
  Object.entries(fields).find(([key]) => looseName(key) === looseName(name))?.[1];

const isNamed = (attribute: unknown): boolean =>
  typeof attribute !== 'object' ||
  attribute === null ||
  Array.isArray(attribute) ||
  'element' in attribute;

/** If there are only options, the field's own name gives the element. */
function withElement(attribute: unknown, names: readonly string[]): unknown {
  if (isNamed(attribute)) return attribute;
  const element = firstOf(names, elementNameLike);
  return element === undefined ? attribute : { ...(attribute as object), element };
}

function* emptyWarnings({ forward }: Directions): Iterable<MappingFault> {
  if (forward.length === 0 || !forward.every(({ omitNull }) => omitNull)) return;
  const problem =
    'all mapped fields can be null; an event in which all of them are null is a bad event ' +
    '(ON_BAD_EVENT), because a record needs at least one field';
  yield { path: '(schema)', problem };
}

// Faults of several fields together.
function* wholeFaults(
  fields: readonly MappedField[],
  { forward }: Directions,
  leaves: readonly AvroLeaf[],
): Iterable<MappingFault> {
  if (leaves.length === 0) {
    yield { path: '(schema)', problem: 'has no records with fields; events are Avro records' };
  } else if (fields.length === 0) {
    const better = bestPresetText(leaves.map((leaf) => leaf.path));
    const problem =
      'no field maps to an Information Element; name them in MAPPING_FILE, or add "ipfix" attributes' +
      (better === undefined ? '' : `; ${better} (MAPPING_PRESET)`);
    yield { path: '(schema)', problem };
  } else if (forward.length === 0) {
    const problem =
      'all mapped fields fill reverse… elements, so that the forward record has no field; ' +
      'map fields of the forward direction too, or set "biflow": "reverse"';
    yield { path: '(schema)', problem };
  }
  if (fields.some(({ flowVersion }) => flowVersion !== undefined)) return;
  for (const { path, choice, elementName } of fields) {
    if (choice !== 'flow') continue;
    const fix = 'map sourceAddress or destinationAddress too';
    yield { path, problem: `${elementName} depends on the flow's IP version; ${fix}` };
  }
}
