// Which fields of a mapping are compiled and which go by value, before any Frame exists. `validate`
// states it, and the compiled Painter is made from it.

import type { AvroType, RecordType } from '../../../avro/schema.ts';
import type { Binding } from '../../mapping/bindings.ts';
import type { MappedField } from '../../mapping/mapped-field.ts';
import { branchesOf } from '../../templates/shapes.ts';
import { Constants, type FieldCode } from './field-code.ts';
import { numberCode } from './number-code.ts';
import { octetsCode } from './octets-code.ts';
import { keyBitsOf, keyNames } from './shape-cache.ts';
import { valueCode } from './value-code.ts';

export interface Plan {
  readonly root: RecordType;
  readonly fields: readonly MappedField[];
  readonly codes: readonly FieldCode[];
  readonly constants: Constants;
  /** The paths that the event reader has to put into its slots. */
  readonly slotted: ReadonlySet<string>;
}

/** For each field of the mapping whether its code is compiled. */
export function compiledFields(binding: Binding): readonly boolean[] {
  const codes = planOf(binding)?.codes;
  return binding.mapping.fields.map((_, i) => codes?.[i]?.isCompiled ?? false);
}

/** A value of the schema takes some hundred octets of code; beyond this V8 would not optimise it. */
const placesMax = 300;

/**
 * Undefined where all of it goes by value: events in arrays or of several records, with two
 * directions, or resolved to another schema; what would be too much code, or too many Shapes; and
 * where no field could be compiled.
 */
export function planOf({ root, mapping, transcode }: Binding): Plan | undefined {
  const { forward: fields, reverse, events } = mapping;
  if (root.kind !== 'record' || reverse || events !== undefined || transcode) return undefined;
  const keys = keyBitsOf(branchesOf(fields));
  if (placesIn(root) > placesMax || keys.some(({ key }) => key >= keyNames.length))
    return undefined;
  const constants = new Constants();
  const reachable = reachableLeaves(root);
  let codes = fields.map((field, i): FieldCode | undefined => {
    const { plain } = field;
    const values = plain ? [plain, ...(plain.plus ? [plain.plus] : [])] : [];
    if (!values.every(({ path }) => reachable.has(path))) return undefined;
    const code = numberCode(field, i, constants) ?? octetsCode(field, i, constants);
    return code && { settle: '', ...code, isCompiled: true };
  });
  // A path whose value is in a slot has it for all who read it.
  for (let before = -1; before !== count(codes);) {
    before = count(codes);
    const taken = slottedPaths(mapping.rules, fields, codes);
    codes = codes.map((code) =>
      [...(code?.reads.keys() ?? [])].some((path) => taken.has(path)) ? undefined : code,
    );
  }
  if (count(codes) === 0) return undefined;
  return {
    root,
    fields,
    constants,
    slotted: slottedPaths(mapping.rules, fields, codes),
    codes: codes.map((code, i) => code ?? { ...valueCode(fields[i]!, i), isCompiled: false }),
  };
}

const count = (codes: readonly unknown[]): number =>
  codes.filter((code) => code !== undefined).length;

function slottedPaths(
  rules: Binding['mapping']['rules'],
  fields: readonly MappedField[],
  codes: readonly (FieldCode | undefined)[],
): Set<string> {
  const byValue = fields.filter((_, i) => codes[i] === undefined);
  const paths = [...rules.map(({ field }) => field), ...byValue.flatMap(({ reads }) => reads)];
  return new Set(paths.filter((path) => !path.startsWith('$')));
}

/** How many values a walk reads or passes over, those within arrays and maps not counted. */
function placesIn(type: AvroType, open: readonly AvroType[] = []): number {
  if (open.length > placesMax || open.includes(type)) return 1;
  const inner = type.kind === 'union' ? type.members : [];
  const parts = type.kind === 'record' ? type.fields.map((field) => field.type) : inner;
  return parts.reduce(
    (sum, part) => (sum > placesMax ? sum : sum + placesIn(part, [...open, type])),
    1,
  );
}

/** The values that a walk reaches by way of records, null beside them or not. */
function reachableLeaves(root: RecordType): Set<string> {
  const found = new Set<string>();
  const open = new Set<RecordType>();
  const reach = (type: AvroType, path: string): void => {
    if (type.kind === 'union') {
      const [value, ...more] = type.members.filter(({ kind }) => kind !== 'null');
      if (value && more.length === 0) reach(value, path);
    } else if (type.kind === 'record') {
      if (open.has(type)) return;
      open.add(type);
      for (const field of type.fields) {
        reach(field.type, path === '' ? field.name : `${path}.${field.name}`);
      }
      open.delete(type);
    } else found.add(path);
  };
  reach(root, '');
  return found;
}
