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
import type { ElementSpec, FieldSpec, Preset, TopicMapping } from './mapping-spec.ts';
import { commonNames } from './presets/common-names.ts';

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
  return new Binding(root, words).mapping();
}

class Binding {
  readonly #said: TopicMapping;
  readonly #root: AvroType;
  readonly #words: TopicWords;
  readonly #events: string | undefined;
  readonly #leaves: readonly AvroLeaf[];
  readonly #sources: EventSources;
  readonly #faults: MappingFault[] = [];
  readonly #leftOut: MappingFault[] = [];
  readonly #seen = new Set<string>();

  constructor(root: AvroType, words: TopicWords) {
    this.#root = root;
    this.#words = words;
    this.#said = withPresets(words);
    const { events } = this.#said;
    const wrong = events === undefined ? undefined : eventsArrayAt(root, events);
    if (wrong !== undefined) this.#fault('events', wrong);
    this.#events = wrong === undefined ? events : undefined;
    this.#leaves = leavesOf(root, this.#events);
    this.#sources = new EventSources(root, this.#leaves, this.#events);
  }

  mapping(): Mapping {
    const { biflow = 'split', skip = [], keep = [] } = this.#said;
    const entries = [...this.#listed(), ...this.#produced(), ...this.#unlisted()];
    const fields = this.#bound(entries);
    const rules = [
      ...skip.flatMap((spec, i) => this.#rule('skip', spec, i)),
      ...keep.flatMap((spec, i) => this.#rule('keep', spec, i)),
    ];
    const split = directionsOf(fields);
    const directions =
      biflow === 'reverse'
        ? { forward: fields, reverse: undefined }
        : biflow === 'forward'
          ? { forward: split.forward, reverse: undefined }
          : split;
    const isDropped = this.#isDropped(skip);
    // With a field missing for its own fault, these would blame the others.
    if (this.#faults.length === 0 && !isDropped) {
      this.#faults.push(...wholeFaults(fields, directions, this.#leaves));
    }
    return {
      fields,
      ...directions,
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
    for (const { name, mapping } of this.#words.presets) {
      if (fields.some(({ mappedBy }) => mappedBy === `preset ${name}`)) continue;
      const names = Object.keys(mapping.fields ?? {}).slice(0, 3);
      const problem = `maps no field: the schema has none of ${names.join(', ')}, …; see docs/presets.md`;
      yield { path: `preset ${name}`, problem };
    }
  }

  /** All events of the schema are dropped by the names of their records. */
  #isDropped(skip: NonNullable<TopicMapping['skip']>): boolean {
    const dropped = skip.flatMap(({ field, is }) => (field === '$record' ? is : []));
    const records = recordsIn(eventsRoot(this.#root));
    return records.length > 0 && records.every(({ name }) => dropped.includes(name));
  }

  #fault(path: string, problem: string): void {
    this.#faults.push({ path, problem });
  }

  #rule(kind: 'skip' | 'keep', spec: NonNullable<TopicMapping['skip']>[number], i: number) {
    const rule = attempt(() => eventRule(kind, spec, this.#sources));
    this.#seen.add(spec.field);
    if (!(rule instanceof MappingError)) return [rule];
    this.#fault(`${kind}.${i} (${spec.field})`, rule.message);
    return [];
  }

  *#listed(): Iterable<Entry> {
    for (const [path, said] of Object.entries(this.#words.section.fields ?? {})) {
      const all = specsOf(said);
      const entry = { layer: 'file', mappedBy: 'file', givesWay: false } as const;
      if (!all.some((spec) => this.#isLacking(path, spec))) yield { path, specs: all, ...entry };
      else for (const spec of all) yield* this.#standingIn(path, spec, entry);
    }
  }

  #isThere(path: string): boolean {
    return path.startsWith('$') || this.#sources.leafAt(path) !== undefined;
  }

  #isLacking(path: string, { optional }: ElementSpec): boolean {
    return !this.#isThere(path) && optional === true;
  }

  /** Where the schema lacks a field, the first of its fallbacks that is there is read in its place. */
  *#standingIn(
    path: string,
    spec: ElementSpec,
    entry: Omit<Entry, 'path' | 'specs'>,
  ): Iterable<Entry> {
    if (!this.#isLacking(path, spec)) {
      yield { path, specs: [spec], ...entry };
      return;
    }
    const { fallback = [], ...rest } = spec;
    const [first, ...others] = fallback.filter((one) => this.#isThere(one));
    if (first === undefined) return;
    const specs = [{ ...rest, ...(others.length > 0 && { fallback: others }) }];
    yield { path: first, specs, ...entry };
  }

  *#produced(): Iterable<Entry> {
    for (const preset of this.#words.presets) {
      if (preset.kind !== 'producer') continue;
      for (const [path, said] of Object.entries(preset.mapping.fields ?? {})) {
        const found = this.#pathLike(path);
        if (found === undefined || this.#words.section.fields?.[found] !== undefined) continue;
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
    if (this.#said.unlisted === 'ignore') return;
    for (const leaf of this.#leaves) {
      if (this.#words.section.fields?.[leaf.path] !== undefined) continue;
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
    for (const name of names) {
      const element = elementNameLike(name);
      if (element === undefined) continue;
      return { path, specs: [{ element }], layer: 'name', mappedBy: 'name', givesWay: false };
    }
    const sets = this.#words.presets.filter(({ kind }) => kind === 'names');
    for (const { name, mapping } of sets) {
      const said = likeKey(mapping.fields ?? {}, path);
      if (said === undefined) continue;
      const mappedBy = `preset ${name}` as const;
      return { path, specs: specsOf(said), layer: 'name', mappedBy, givesWay: true };
    }
    if (this.#words.presets.length > 0) return undefined;
    const said = names.map((name) => likeKey(commonNames, name)).find((spec) => spec !== undefined);
    if (said === undefined) return undefined;
    return { path, specs: specsOf(said), layer: 'name', mappedBy: 'name', givesWay: true };
  }

  /** Claims go by layer, the Template's order by entry. */
  #bound(entries: readonly Entry[]): MappedField[] {
    const { zone, nullValues = [], ipv4Mapped } = this.#said;
    const { profile = generic } = this.#words;
    const defaults = { zone, nullValues, unmapIPv4: ipv4Mapped !== 'ipv6', profile };
    const binding = new FieldBinding(this.#sources, defaults);
    const claims = new Map<InformationElement, { path: string; layer: Layer }>();
    const fieldsOf = new Map<Entry, MappedField[]>();
    for (const layer of layers) {
      for (const entry of entries.filter((one) => one.layer === layer)) {
        fieldsOf.set(entry, this.#fieldsOf(entry, binding, claims));
      }
    }
    return entries.flatMap((entry) => fieldsOf.get(entry) ?? []);
  }

  #fieldsOf(
    entry: Entry,
    binding: FieldBinding,
    claims: Map<InformationElement, { path: string; layer: Layer }>,
  ): MappedField[] {
    const { path, layer, givesWay } = entry;
    // A field of an earlier layer is not asked again.
    if (layer !== 'file' && this.#seen.has(path) && !path.startsWith('$')) return [];
    this.#seen.add(path);
    return entry.specs.flatMap((spec) => {
      if (spec.element === 'drop') {
        const said = Object.keys(spec).find((key) => key !== 'element' && key !== 'optional');
        if (said !== undefined) {
          this.#fault(path, `"drop" fills no element, so that "${said}" has no meaning; remove it`);
        }
        this.#leftOut.push({ path, problem: 'dropped by the mapping' });
        return [];
      }
      if (this.#said.samplingApplied === true && samplingElements.has(spec.element)) {
        this.#leftOut.push({ path, problem: 'the rate is applied already' });
        return [];
      }
      for (const also of [spec.plus, ...(spec.fallback ?? [])]) {
        if (also !== undefined) this.#seen.add(also);
      }
      const field = attempt(() => binding.bind(path, spec, entry.mappedBy));
      if (field instanceof MappingError) {
        // What nobody asked for by name is no fault of the mapping.
        const faults = field.isByProfile && layer !== 'file' ? this.#leftOut : this.#faults;
        faults.push({ path, problem: field.message });
        return [];
      }
      const taken = field.elements
        .map(({ field: { element } }) => ({ element, claim: claims.get(element) }))
        .find(({ claim }) => claim !== undefined);
      if (taken?.claim) {
        const { name } = taken.element;
        const other = taken.claim.path;
        if (givesWay || taken.claim.layer !== layer) {
          this.#leftOut.push({ path, problem: `${name} is filled by ${other}` });
        } else {
          this.#fault(path, `fills ${name}, as ${other} does; map only one of them`);
        }
        return [];
      }
      for (const {
        field: { element },
      } of field.elements) {
        // A record can hold several lists.
        if (element.type !== 'basicList') claims.set(element, { path, layer });
      }
      return [field];
    });
  }
}

const samplingElements: ReadonlySet<string> = new Set([
  'samplingInterval',
  'samplingPacketInterval',
  'samplingPacketSpace',
  'samplingProbability',
]);

/** A section's own words win over its presets', earlier presets over later ones. */
function withPresets({ section, presets }: TopicWords): TopicMapping {
  const all = [section, ...presets.map(({ mapping }) => mapping)];
  const merged: TopicMapping = Object.assign({}, ...[...all].reverse()) as TopicMapping;
  const tolerant = presets.flatMap(({ mapping }) => mapping.skip ?? []);
  return {
    ...merged,
    skip: [...(section.skip ?? []), ...tolerant.map((rule) => ({ ...rule, optional: true }))],
    keep: [...(section.keep ?? []), ...presets.flatMap(({ mapping }) => mapping.keep ?? [])],
  };
}

const specsOf = (said: FieldSpec): ElementSpec[] =>
  (Array.isArray(said)
    ? (said as readonly (string | ElementSpec)[])
    : [said as string | ElementSpec]
  ).map((one) => (typeof one === 'string' ? { element: one } : one));

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

/** Options alone leave the element to the field's own name. */
function withElement(attribute: unknown, names: readonly string[]): unknown {
  if (isNamed(attribute)) return attribute;
  const element = names.map(elementNameLike).find((like) => like !== undefined);
  return element === undefined ? attribute : { ...(attribute as object), element };
}

function* emptyWarnings({ forward }: Directions): Iterable<MappingFault> {
  if (forward.length === 0 || !forward.every(({ omitNull }) => omitNull)) return;
  const problem =
    'all mapped fields can be null; an event in which all of them are null is a bad event ' +
    '(ON_BAD_EVENT), because a record needs at least one field';
  yield { path: '(schema)', problem };
}

// Faults that no field has alone.
function* wholeFaults(
  fields: readonly MappedField[],
  { forward }: Directions,
  leaves: readonly AvroLeaf[],
): Iterable<MappingFault> {
  if (leaves.length === 0) {
    yield { path: '(schema)', problem: 'has no records with fields; events are Avro records' };
  } else if (fields.length === 0) {
    const problem =
      'no field maps to an Information Element; name them in MAPPING_FILE, or add "ipfix" attributes';
    yield { path: '(schema)', problem };
  } else if (forward.length === 0) {
    const problem =
      'all mapped fields fill reverse… elements, so that the forward record has no field; ' +
      'map fields of the forward direction too, or say "biflow": "reverse"';
    yield { path: '(schema)', problem };
  }
  if (fields.some(({ flowVersion }) => flowVersion !== undefined)) return;
  for (const { path, choice, elementName } of fields) {
    if (choice !== 'flow') continue;
    const mend = 'map sourceAddress or destinationAddress too';
    yield { path, problem: `${elementName} depends on the flow's IP version; ${mend}` };
  }
}
