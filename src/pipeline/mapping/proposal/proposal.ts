// A mapping proposed for a schema: what is sure, what may be meant and why it is not sure, and what is
// ignored. What is sure can be bound to the schema without a fault.

import { type AvroLeaf, leavesOf } from '../../../avro/leaves.ts';
import type { AvroType } from '../../../avro/schema.ts';
import { chosenElements } from '../element-choice.ts';
import { mappingOf, type Mapping } from '../mapping.ts';
import type { ElementSpec, FieldSpec, Preset, RuleSpec, TopicMapping } from '../mapping-spec.ts';
import { presetsNamed } from '../presets/presets.ts';
import { type Candidate, candidateFor, doubtOfText, type Surroundings } from './field-proposal.ts';
import { knownFields, presetFor } from './known-producers.ts';
import { meaningOf } from './synonyms.ts';

/** A field that may be meant, and the question that decides. */
export interface Suggestion {
  readonly path: string;
  readonly spec: ElementSpec;
  readonly doubt: string;
}

interface IgnoredField {
  readonly path: string;
  /** Undefined where nothing is known of the field. */
  readonly reason: string | undefined;
}

export interface Proposal {
  /** For MAPPING_FILE: binds to the schema without a fault, unless no field is mapped. */
  readonly section: TopicMapping;
  /** Fields that need no entry, by what maps them: `preset goflow2`, `attribute`. */
  readonly mappedElsewhere: readonly { readonly path: string; readonly by: string }[];
  /** Why an entry is `drop`. */
  readonly dropped: ReadonlyMap<string, string>;
  readonly suggestions: readonly Suggestion[];
  readonly ignored: readonly IgnoredField[];
  /** The number of mapped fields, of whatever origin. */
  readonly mapped: number;
}

export function proposalFor(root: AvroType): Proposal {
  const atRoot = new Proposing(root, undefined).proposal();
  if (hasAddresses(atRoot)) return atRoot;
  for (const { path, variants } of leavesOf(root)) {
    if (!variants.every((type) => type.kind === 'array' && isRecord(type.items))) continue;
    const inside = new Proposing(root, path).proposal();
    if (hasAddresses(inside)) return inside;
  }
  return atRoot;
}

const isRecord = (type: AvroType): boolean =>
  type.kind === 'record' || (type.kind === 'union' && type.members.some(isRecord));

const hasAddresses = ({ section, mappedElsewhere }: Proposal): boolean =>
  mappedElsewhere.length > 0 ||
  Object.values(section.fields ?? {}).some((spec) =>
    /"source(?:IPv[46])?Address"/.test(JSON.stringify(spec)),
  );

/** Debezium's envelope of a row: the flow is in "after". */
const isEnvelope = (paths: readonly string[]): string | undefined =>
  paths
    .filter((path) => /(?:^|\.)op$/.test(path))
    .map((path) => path.slice(0, -'op'.length))
    .find((prefix) =>
      ['before.', 'after.'].every((part) => paths.some((path) => path.startsWith(prefix + part))),
    );

class Proposing {
  readonly #root: AvroType;
  readonly #events: string | undefined;
  readonly #leaves: readonly AvroLeaf[];
  readonly #paths: readonly string[];
  readonly #preset: Preset | undefined;
  readonly #envelope: string | undefined;
  readonly #live = new Map<string, Candidate>();
  readonly #dropped = new Map<string, string>();
  readonly #suggestions = new Map<string, Suggestion>();
  readonly #reasons = new Map<string, string>();

  constructor(root: AvroType, events: string | undefined) {
    this.#root = root;
    this.#events = events;
    this.#leaves = leavesOf(root, events);
    this.#paths = this.#leaves.map(({ path }) => path);
    this.#envelope = isEnvelope(this.#paths);
    const name = presetFor(this.#paths);
    this.#preset = name === undefined ? undefined : presetsNamed([name]).presets[0];
  }

  proposal(): Proposal {
    const candidates = this.#candidates();
    if (!this.#isListed) this.#dropDoubtful(candidates);
    this.#choose(candidates, this.#mapping().fields);
    const mapping = this.#withoutFaults();
    const section = this.#section();
    const fromElsewhere = mapping.fields.filter(({ mappedBy }) => mappedBy !== 'file');
    const said = new Set(mapping.fields.flatMap(({ reads }) => reads));
    return {
      section,
      mappedElsewhere: unique(fromElsewhere.map(({ path, mappedBy }) => ({ path, by: mappedBy }))),
      dropped: this.#dropped,
      suggestions: this.#inOrder([...this.#suggestions.values()]),
      ignored: this.#paths
        .filter(
          (path) => !said.has(path) && !this.#suggestions.has(path) && !this.#dropped.has(path),
        )
        .map((path) => ({ path, reason: this.#reasons.get(path) })),
      mapped: new Set(mapping.fields.map(({ path }) => path)).size,
    };
  }

  /** All mapped fields have an entry: there is neither a set of names nor an attribute. */
  get #isListed(): boolean {
    const hasAttributes = this.#leaves.some(({ attribute }) => attribute !== undefined);
    return this.#preset?.kind !== 'names' && !hasAttributes;
  }

  #mapping(): Mapping {
    const presets = this.#preset ? [this.#preset] : [];
    return mappingOf(this.#root, { section: this.#section(), presets });
  }

  #section(): TopicMapping {
    const skip = this.#rules();
    const fields: Record<string, FieldSpec> = {};
    for (const path of this.#paths) {
      const spec = this.#live.get(path)?.spec;
      if (spec) fields[path] = Object.keys(spec).length === 1 ? spec.element : spec;
      else if (this.#dropped.has(path)) fields[path] = 'drop';
    }
    return {
      ...(this.#preset && { preset: [this.#preset.name] }),
      ...(this.#events !== undefined && { events: this.#events }),
      ...(this.#isListed && { unlisted: 'ignore' as const }),
      fields,
      ...(skip.length > 0 && { skip }),
    };
  }

  #rules(): RuleSpec[] {
    if (this.#envelope === undefined) return [];
    return [{ reason: 'not a row', field: `${this.#envelope}op`, is: ['d', 't', 'm'] }];
  }

  #candidates(): Candidate[] {
    const known = knownFields(this.#paths);
    const isOutside = (path: string) => this.#isOutside(path);
    const flow = this.#leaves.filter(({ path }) => !isOutside(path));
    const words = new Set(
      flow.flatMap(({ path }) => {
        const meaning = meaningOf(path);
        return meaning ? [keyOf(meaning.words)] : [];
      }),
    );
    const around: Surroundings = { has: (...some) => words.has(keyOf(some)), known };
    return flow.flatMap((leaf) => candidateFor(leaf, around) ?? []);
  }

  /** Around the flow itself: an earlier state of the row, where the change came from, when it was made. */
  #isOutside(path: string): boolean {
    const prefix = this.#envelope;
    if (prefix === undefined || path.startsWith(`${prefix}after.`)) return false;
    this.#reasons.set(path, 'not a part of the row "after" the change');
    return true;
  }

  /** What is mapped by its name alone, though its type or its "doc" leaves a doubt. */
  #dropDoubtful(candidates: readonly Candidate[]): void {
    const byPath = new Map(candidates.map((candidate) => [candidate.path, candidate]));
    const { fields, faults } = this.#mapping();
    for (const { path, mappedBy: by, elementName } of fields) {
      if (by === 'attribute') continue;
      // A preset knows its names and units, not the types that another program writes.
      const leaf = this.#leaves.find((one) => one.path === path);
      const doubt = by.startsWith('preset')
        ? leaf && doubtOfText(leaf, elementName)
        : byPath.get(path)?.doubt;
      if (doubt !== undefined) this.#dropped.set(path, doubt);
      else if (this.#isOutside(path)) this.#dropped.set(path, this.#reasons.get(path)!);
    }
    for (const { path, problem } of faults) {
      if (this.#paths.includes(path)) this.#dropped.set(path, problem);
    }
  }

  /** `elsewhere`: what is mapped without an entry. */
  #choose(candidates: readonly Candidate[], elsewhere: Mapping['fields']): void {
    const claims = new Map<object, Candidate>();
    const taken = new Map<object, string>();
    const done = new Set<string>();
    const sure = new Map(candidates.flatMap((one) => (one.doubt ? [] : [[one.path, one.spec]])));
    for (const { path, elements, reads, mappedBy, elementName } of elsewhere) {
      // The name alone may be mapped to less than is known of it.
      if (mappedBy === 'name' && (sure.get(path)?.element ?? elementName) !== elementName) continue;
      for (const { field } of elements) taken.set(field.element, path);
      for (const read of reads) done.add(read);
    }
    const ranked = candidates
      .filter(({ path }) => !done.has(path))
      .sort((one, other) => other.rank - one.rank);
    for (const candidate of ranked) {
      const { path, spec, doubt } = candidate;
      const elements = chosenElements(spec).elements;
      const by = elements.map((element) => taken.get(element)).find((other) => other !== undefined);
      if (by !== undefined) {
        this.#reasons.set(path, `${spec.element} is filled by ${by}`);
        continue;
      }
      if (doubt !== undefined) {
        if (!this.#dropped.has(path)) this.#suggest(candidate, doubt);
        continue;
      }
      const other = elements.map((element) => claims.get(element)).find((one) => one !== undefined);
      if (!other) {
        this.#live.set(path, candidate);
        for (const element of elements) claims.set(element, candidate);
      } else this.#secondOf(other, candidate);
    }
    this.#withdrawFilled();
  }

  /** Two fields seem to fill one element. */
  #secondOf(other: Candidate, candidate: Candidate): void {
    const first = this.#live.get(other.path);
    if (first && isOtherProtocol(other.path, candidate.path)) {
      const fallback = [...(first.spec.fallback ?? []), candidate.path];
      this.#live.set(other.path, { ...first, spec: { ...first.spec, fallback } });
      return;
    }
    if (!first || candidate.rank < other.rank) {
      if (first)
        this.#reasons.set(candidate.path, `${candidate.spec.element} is filled by ${other.path}`);
      else this.#suggest(candidate, `${other.path}, or this field?`);
      return;
    }
    this.#live.delete(other.path);
    this.#suggest(other, `this field, or ${candidate.path}?`);
    this.#suggest(candidate, `${other.path}, or this field?`);
  }

  /** A suggestion for an element that another field fills for sure is none. */
  #withdrawFilled(): void {
    const filled = new Map(
      [...this.#live.values()].flatMap(({ path, spec }) =>
        chosenElements(spec).elements.map((element) => [element, path] as const),
      ),
    );
    for (const { path, spec } of [...this.#suggestions.values()]) {
      const by = chosenElements(spec).elements.map((element) => filled.get(element));
      const other = by.find((one) => one !== undefined);
      if (other === undefined) continue;
      this.#suggestions.delete(path);
      this.#reasons.set(path, `${spec.element} is filled by ${other}`);
    }
  }

  #suggest({ path, spec }: Candidate, doubt: string): void {
    this.#suggestions.set(path, { path, spec, doubt });
  }

  /** What cannot be bound is only suggested, with its fault as the reason. */
  #withoutFaults(): Mapping {
    for (;;) {
      const mapping = this.#mapping();
      const wrong = mapping.faults.flatMap(({ path, problem }) => {
        const candidate = this.#live.get(path);
        return candidate ? [{ candidate, problem }] : [];
      });
      if (wrong.length === 0) return mapping;
      for (const { candidate, problem } of wrong) {
        this.#live.delete(candidate.path);
        this.#suggest(candidate, problem);
      }
    }
  }

  #inOrder(suggestions: readonly Suggestion[]): Suggestion[] {
    const place = (path: string) => this.#paths.indexOf(path);
    return suggestions.toSorted((one, other) => place(one.path) - place(other.path));
  }
}

const keyOf = (words: Iterable<string>): string => [...new Set(words)].sort().join(' ');

/** `l4.TCP.source_port` and `l4.UDP.source_port`: a flow has one of them. */
function isOtherProtocol(one: string, other: string): boolean {
  const general = (path: string) => path.replace(/\b(?:tcp|udp|sctp|dccp)\b/i, '*');
  return one !== other && general(one) === general(other);
}

const unique = <T extends { readonly path: string }>(fields: readonly T[]): T[] => [
  ...new Map(fields.map((field) => [field.path, field])).values(),
];
