// Shapes: which fields of an event are present, and its IP versions. Each Shape has one Template.
// They form a tree with one level for each field that may be absent or has two elements; an event
// walks from the root to its leaf, so that finding its Template builds no key and no object.

import type { Encode } from '../ipfix/abstract-type.ts';
import {
  fixedOctets,
  variableLength,
  type FieldSpecifier,
  type Template,
} from '../ipfix/template.ts';
import type { MappedField, Mapping } from './mapping.ts';
import { TemplateIds } from './template-ids.ts';

/** What a Shape does with one field: 0 leaves it out, 1 is its only or IPv4 element, 2 IPv6's. */
export type Choice = 0 | 1 | 2;

export interface Shape {
  readonly template: Template;
  /** Octets of a Data Record, and of these one for each variable-length value still to be added. */
  readonly fixedOctets: number;
  /** Indexes into the mapping's fields, in the order of the Template, with their encoders. */
  readonly present: Int32Array;
  readonly encoders: readonly Encode[];
  /** Indexes into the mapping's fields of those whose values bring their own length. */
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

export class Shapes {
  readonly branches: readonly Branch[];
  /** The Shapes that the schema lets expect, before any event was seen. */
  readonly known: readonly Shape[];
  readonly #mapping: Mapping;
  readonly #ids: TemplateIds;
  readonly #root = newNode();

  constructor(mapping: Mapping) {
    this.#mapping = mapping;
    this.branches = mapping.fields
      .map((field, index) => ({ field, index }))
      .filter(({ field }) => field.omitNull || field.choice !== 'nothing');
    const known = Array.from(knownChoices(mapping.fields, this.branches));
    const possible = possibleChoices(this.branches, listedMax) ?? known;
    this.#ids = new TemplateIds(possible.map((choices) => this.#layout(choices)));
    this.known = known.map((choices) => this.of(choices));
  }

  /** The Shape for one Choice a branch, in the order of `branches`. */
  of(choices: ArrayLike<Choice>): Shape {
    let node = this.#root;
    for (let i = 0; i < this.branches.length; i += 1) {
      const choice = choices[i]!;
      node = node.next[choice] ??= newNode();
    }
    return (node.shape ??= this.#make(choices));
  }

  #layout(choices: ArrayLike<Choice>): FieldSpecifier[] {
    return this.#elements(choices).map(({ field }) => field);
  }

  #elements(choices: ArrayLike<Choice>) {
    let branch = 0;
    return this.#mapping.fields.flatMap((field, index) => {
      const choice = this.branches[branch]?.index === index ? choices[branch++]! : 1;
      const element = choice === 0 ? undefined : field.elements[choice - 1];
      return element ? [{ ...element, index }] : [];
    });
  }

  #make(choices: ArrayLike<Choice>): Shape {
    const elements = this.#elements(choices);
    const fields = elements.map(({ field }) => field);
    return {
      template: { id: this.#ids.idOf(fields), fields },
      fixedOctets: fixedOctets(fields),
      present: Int32Array.from(elements, ({ index }) => index),
      encoders: elements.map(({ encode }) => encode),
      variable: elements
        .filter(({ field }) => field.length === variableLength)
        .map(({ index }) => index),
    };
  }
}

const newNode = (): Node => ({ next: [undefined, undefined, undefined], shape: undefined });

// For each IP version of a flow: groups that can be absent come and go together, and addresses have
// the version they usually have.
function* knownChoices(fields: readonly MappedField[], branches: readonly Branch[]) {
  const versioned = branches.some(({ field }) => field.choice !== 'nothing');
  const groups = [...new Set(fields.filter((f) => f.omitNull).map(({ group }) => group))];
  // Many groups are many Templates; beyond this they are told as they are met.
  const present = groups.length > 6 ? [new Set(groups)] : subsets(groups);
  for (const version of versioned ? ([1, 2] as const) : ([1] as const)) {
    for (const groupsPresent of present) {
      yield branches.map(({ field }): Choice => {
        if (field.omitNull && !groupsPresent.has(field.group)) return 0;
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
    const followsFlow = field.isFlowAddress || field.choice === 'flow';
    lists = lists.flatMap(({ choices, version }) =>
      choicesOf(branch)
        .filter((c) => c === 0 || !followsFlow || version === 0 || c === version)
        .map((c) => ({
          choices: [...choices, c],
          version: followsFlow && c !== 0 ? c : version,
        })),
    );
    if (lists.length > most) return undefined;
  }
  return lists.map(({ choices }) => choices);
}
