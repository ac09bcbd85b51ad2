// Shapes: which fields of an event are present, and its IP versions. Each Shape has one Template.
// Where no field is present there is no Shape: a Template without fields would be a withdrawal
// (RFC 7011 §8.1), which must not be sent over UDP (§8.4). Shapes form a tree with one level for each field that may be absent or has two elements; an event
// walks from the root to its leaf, so that finding its Template builds no key and no object.

import { fixedOctets, variableLength, type Template } from '../../ipfix/template.ts';
import type { MappedElement, MappedField } from '../mapping/mapped-field.ts';
import { type Layout, TemplateIds } from './template-ids.ts';

/** What a Shape does with one field: 0 leaves it out, 1 is its only or IPv4 element, 2 IPv6's. */
export type Choice = 0 | 1 | 2;

export interface Shape {
  readonly template: Template;
  /** Octets of a Data Record, and of these one for each variable-length value still to be added. */
  readonly fixedOctets: number;
  /** Indexes into the mapping's fields, in the order of the Template, with their elements. */
  readonly present: Int32Array;
  readonly elements: readonly MappedElement[];
  /** Indexes into the two above of the values that bring their own length. */
  readonly variable: readonly number[];
}

/** A field for which there is something to choose. */
export interface Branch {
  readonly index: number;
  readonly field: MappedField;
}

interface Node {
  readonly next: [Node | undefined, Node | undefined, Node | undefined];
  shape: Shape | undefined;
}

/** More possible Shapes than this are not listed ahead to settle Template ID collisions. */
const listedMax = 8192;
/** The maximum number of Shapes remembered: fields that are null at random make as many as there are events. */
const rememberedMax = 8192;

type Fields = readonly MappedField[];

export class Shapes {
  readonly branches: readonly Branch[];
  /** The Shapes that the schema lets expect, before any event was seen. */
  readonly known: readonly Shape[];
  readonly #fields: Fields;
  readonly #ids: TemplateIds;
  #root = newNode();
  #remembered = 0;
  #epoch: number;

  /** `ids` are those of the Observation Domain, shared by all that is sent in it. */
  constructor(fields: Fields, ids = new TemplateIds([])) {
    this.#fields = fields;
    this.#ids = ids;
    this.branches = branchesOf(fields);
    ids.add(likelyLayouts(fields));
    this.#epoch = ids.epoch;
    this.known = Array.from(
      knownChoices(fields, this.branches),
      (choices) => this.of(choices) ?? [],
    ).flat();
  }

  /** The Shape for one Choice a branch, in the order of `branches`; undefined: no field is present. */
  of(choices: ArrayLike<Choice>): Shape | undefined {
    if (this.#epoch !== this.#ids.epoch) this.#forget();
    let node = this.#root;
    for (let i = 0; i < this.branches.length; i += 1) {
      const choice = choices[i]!;
      node = node.next[choice] ??= newNode();
    }
    return (node.shape ??= this.#make(choices));
  }

  #make(choices: ArrayLike<Choice>): Shape | undefined {
    const chosen = elementsOf(this.#fields, choices);
    if (chosen.length === 0) return undefined;
    const template = this.#ids.templateOf(chosen.map(({ element }) => element.field));
    this.#remembered += 1;
    if (this.#remembered > rememberedMax) this.#forget();
    return {
      template,
      fixedOctets: fixedOctets(template.fields),
      present: Int32Array.from(chosen, ({ index }) => index),
      elements: chosen.map(({ element }) => element),
      variable: template.fields.flatMap(({ length }, i) => (length === variableLength ? [i] : [])),
    };
  }

  #forget(): void {
    this.#root = newNode();
    this.#remembered = 0;
    this.#epoch = this.#ids.epoch;
  }
}

/** The fields for which there is something to choose, in the order of the Template. */
export function branchesOf(fields: Fields): Branch[] {
  return fields
    .map((field, index) => ({ field, index }))
    .filter(({ field }) => field.omitNull || field.choice !== 'nothing');
}

function elementsOf(fields: Fields, choices: ArrayLike<Choice>) {
  let branch = 0;
  return fields.flatMap((field, index) => {
    const isBranch = field.omitNull || field.choice !== 'nothing';
    const choice = isBranch ? choices[branch++]! : 1;
    const element = choice === 0 ? undefined : field.elements[choice - 1];
    return element ? [{ element, index }] : [];
  });
}

/** How many Shapes events of these fields can make; undefined where they are more than are listed. */
export function possibleShapes(fields: Fields): number | undefined {
  const possible = possibleChoices(branchesOf(fields), listedMax);
  return possible?.filter((choices) => elementsOf(fields, choices).length > 0).length;
}

/** All layouts that events of these fields can have; where they are too many, the known ones. */
export function* likelyLayouts(fields: Fields): Iterable<Layout> {
  const branches = branchesOf(fields);
  const possible = possibleChoices(branches, listedMax) ?? knownChoices(fields, branches);
  for (const choices of possible) {
    const layout = elementsOf(fields, choices).map(({ element }) => element.field);
    if (layout.length > 0) yield layout;
  }
}

const newNode = (): Node => ({ next: [undefined, undefined, undefined], shape: undefined });

// For each IP version of a flow: groups that can be absent come and go together, and addresses have
// the version they usually have.
function* knownChoices(fields: readonly MappedField[], branches: readonly Branch[]) {
  const versioned = branches.some(({ field }) => field.choice !== 'nothing' || field.flowVersion);
  const groups = [...new Set(fields.filter((f) => f.omitNull).map(({ group }) => group))];
  // Many groups are many Templates; beyond this they are sent as they are met.
  const present = groups.length > 6 ? [new Set(groups)] : subsets(groups);
  for (const version of versioned ? ([1, 2] as const) : ([1] as const)) {
    for (const groupsPresent of present) {
      yield branches.map(({ field }): Choice => {
        if (field.omitNull && !groupsPresent.has(field.group)) return 0;
        if (field.omitNull && field.flowVersion && field.flowVersion !== version) return 0;
        if (field.choice === 'nothing') return 1;
        return field.usually === 'ipv4' ? 1 : version;
      });
    }
  }
}

function subsets(names: readonly string[]): Set<string>[] {
  return names.reduce<Set<string>[]>(
    (sets, name) => [...sets, ...sets.map((set) => new Set(set).add(name))],
    [new Set<string>()],
  );
}

const choicesOf = ({ field }: Branch): Choice[] => [
  ...(field.omitNull ? ([0] as const) : []),
  1,
  ...(field.choice === 'nothing' ? [] : ([2] as const)),
];

// Every combination that events can make: all addresses of a flow and all that follows its IP
// version have the same one. Undefined when they are more than `most`.
function possibleChoices(branches: readonly Branch[], most: number): Choice[][] | undefined {
  let lists: { choices: Choice[]; version: Choice }[] = [{ choices: [], version: 0 }];
  for (const branch of branches) {
    const { field } = branch;
    lists = lists.flatMap(({ choices, version }) =>
      choicesOf(branch)
        .map((c) => ({ c, says: saidVersion(c, field) }))
        .filter(({ says }) => says === 0 || version === 0 || says === version)
        .map(({ c, says }) => ({ choices: [...choices, c], version: says || version })),
    );
    if (lists.length > most) return undefined;
  }
  return lists.map(({ choices }) => choices);
}

/** The flow's version that a choice goes with; 0 where it goes with both. */
function saidVersion(choice: Choice, { flowVersion, choice: by }: MappedField): Choice {
  if (choice === 0 || (flowVersion === undefined && by !== 'flow')) return 0;
  return flowVersion === 1 || flowVersion === 2 ? flowVersion : choice;
}
