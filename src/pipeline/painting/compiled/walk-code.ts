// The code of the walk through a datum: fields in the order of the schema, what is wanted read, the
// rest passed over. What is rare in it (maps, arrays, unions of several types, records in themselves) is
// left to steps of the event reader.

import { defaultLimits } from '../../../avro/avro-cursor.ts';
import type { Step } from '../../../avro/event-reader.ts';
import type { LeafType } from '../../../avro/leaves.ts';
import type { AvroType, RecordType } from '../../../avro/schema.ts';
import { bail, type FieldCode } from './field-code.ts';
import { indexMembersMax, longOctetsMax, readIndex, readLength, skipLeaf } from './read-code.ts';

export interface WalkOptions {
  readonly codes: readonly FieldCode[];
  /** All paths that are read. */
  readonly paths: readonly string[];
  /** The paths whose values have to be in the event reader's slots. */
  readonly slotted: ReadonlySet<string>;
  /** A step of the event reader, by the type and the path. */
  readonly part: (type: AvroType, path: string) => Step;
}

export class WalkCode {
  /** Called by the code as `steps[n]`. */
  readonly steps: Step[] = [];
  /** No more octets than these are read behind the datum's end. */
  slack = 0;
  readonly #options: WalkOptions;
  readonly #open = new Set<RecordType>();

  constructor(options: WalkOptions) {
    this.#options = options;
  }

  of(root: RecordType): string {
    return this.#value(root, '', 0);
  }

  #value(type: AvroType, path: string, depth: number): string {
    // The most that a value can take before its length is checked.
    this.slack += longOctetsMax;
    if (!this.#isWanted(path)) return this.#skip(type, path, depth);
    if (!this.#isInline(type, path, depth)) return this.#step(type, path, depth);
    switch (type.kind) {
      case 'record':
        return this.#record(type, path, depth);
      case 'union':
        return this.#nullable(type.members, path, depth);
      default:
        return this.#leaf(type, path);
    }
  }

  #isWanted(path: string): boolean {
    const { paths } = this.#options;
    return path === '' || paths.some((one) => one === path || one.startsWith(`${path}.`));
  }

  #isSlotted(path: string): boolean {
    const { slotted } = this.#options;
    return [...slotted].some((one) => one === path || one.startsWith(`${path}.`));
  }

  /** Can the type be walked here, or only by the reader's step? */
  #isInline(type: AvroType, path: string, depth: number): boolean {
    switch (type.kind) {
      case 'record':
        return depth < defaultLimits.depthMax && !this.#open.has(type);
      case 'union': {
        const [value, ...more] = type.members.filter(({ kind }) => kind !== 'null');
        return value !== undefined && more.length === 0 && this.#isInline(value, path, depth);
      }
      case 'array':
      case 'map':
        return false;
      default:
        return !this.#isSlotted(path) && this.#leafCode(type, path) !== undefined;
    }
  }

  #record(type: RecordType, path: string, depth: number): string {
    this.#open.add(type);
    const fields = type.fields.map((field) =>
      this.#value(field.type, path === '' ? field.name : `${path}.${field.name}`, depth + 1),
    );
    this.#open.delete(type);
    return fields.join('\n');
  }

  #nullable(members: readonly AvroType[], path: string, depth: number): string {
    const cases = members.map((member) =>
      member.kind === 'null' ? '' : this.#value(member, path, depth),
    );
    return switching(cases);
  }

  #leaf(type: LeafType, path: string): string {
    return this.#leafCode(type, path)!;
  }

  #leafCode(type: LeafType, path: string): string | undefined {
    const reads = this.#options.codes.flatMap(({ reads }) => reads.get(path) ?? []);
    // Read by nobody in the end: but as one that is read it has to be a text.
    if (reads.length === 0 && type.kind === 'string') {
      return `${readLength} if (!isText(bytes, at, t)) ${bail} at += t;`;
    }
    if (reads.length === 0) return skipLeaf(type);
    const [first, ...others] = reads;
    if (others.length === 0) return first;
    const again = others.map((read) => `at = begin; ${read}`);
    return `{ const begin = at; ${[first, ...again].join('\n')} }`;
  }

  #skip(type: AvroType, path: string, depth: number): string {
    switch (type.kind) {
      case 'record':
        if (this.#isInline(type, path, depth)) return this.#record(type, path, depth);
        return this.#step(type, path, depth);
      case 'union':
        if (type.members.length > indexMembersMax) return this.#step(type, path, depth);
        return switching(type.members.map((member) => this.#value(member, path, depth)));
      case 'array':
      case 'map':
        return this.#step(type, path, depth);
      default:
        return skipLeaf(type) ?? this.#step(type, path, depth);
    }
  }

  #step(type: AvroType, path: string, depth: number): string {
    const step = this.steps.push(this.#options.part(type, path)) - 1;
    return `cursor.at = at; cursor.depth = ${depth}; steps[${step}](cursor); at = cursor.at;`;
  }
}

/** The code for each member of a union, by its number. */
function switching(cases: readonly string[]): string {
  const index = readIndex(cases.length);
  if (cases.length === 1) return `${index} ${cases[0]}`;
  if (cases.length === 2) {
    const [first, second] = cases;
    if (first === '') return `${index} if (b === 1) { ${second} }`;
    return `${index} if (b === 0) { ${first} } ${second === '' ? '' : `else { ${second} }`}`;
  }
  return `${index} switch (b) { ${cases.map((code, i) => `case ${i}: { ${code} break; }`).join(' ')} }`;
}
