// The function that paints: the pieces of its code put together and made to run. It goes from datum to
// datum and walks each once, with what is mapped in local variables; only then, when nothing can be refused
// any more, it writes the record where the Frame's octets end, and the Frame takes it in.

import { compileFunction } from 'node:vm';
import { AvroCursor, defaultLimits } from '../../../avro/avro-cursor.ts';
import type { EventReader } from '../../../avro/event-reader.ts';
import {
  addressFromOctets,
  addressVersion,
  isMapped,
  macFromOctets,
} from '../../mapping/conversion/address-octets.ts';
import type { EventRule } from '../../mapping/event-rules.ts';
import type { Delivery } from '../../../sources/delivery.ts';
import type { Progress } from '../../frames/frame.ts';
import type { EventValues, MappedField } from '../../mapping/mapped-field.ts';
import type { Discards } from '../painter.ts';
import type { Branch } from '../../templates/shapes.ts';
import { bail, type FieldCode, hasChoice } from './field-code.ts';
import { isText, putOctets, putVariable, sameOctets } from './octets.ts';
import type { Plan } from './compiled-plan.ts';
import { keyBitsOf, keyNames, type ShapeCache } from './shape-cache.ts';
import { WalkCode, type WalkOptions } from './walk-code.ts';

/** Octets of a Delivery, or of one of its datums set aside. */
export interface DatumOctets {
  readonly bytes: Buffer;
  /** The same octets. */
  readonly input: DataView;
  /** Where `bytes` begins among the Delivery's own. */
  base: number;
  /** A datum that ends behind this does not have as much behind it as is read without a question. */
  readonly endMax: number;
}

/**
 * Paints the datums from `datum` up to `to`, and returns the first one that it left untouched: that is for
 * the by-value Painter, or else lies past `endMax`. What throws is the one that `event` is at.
 */
export type Paint = (
  delivery: Delivery,
  place: DatumOctets,
  datum: number,
  to: number,
  progress: Progress,
  discards: Discards,
) => number;

/** What the code is made of. */
interface CodeParts {
  readonly plan: Plan;
  readonly paths: readonly string[];
  readonly rules: readonly EventRule[];
  readonly branches: readonly Branch[];
  readonly reader: EventReader;
}

interface PaintParts extends CodeParts {
  readonly event: EventValues;
  readonly shapes: ShapeCache;
}

/** The body of a function that makes the one that paints, and what goes with it. */
export function paintCode(parts: CodeParts): { code: string; walk: WalkCode } {
  const { plan, paths, reader } = parts;
  const { codes, slotted, root } = plan;
  const part: WalkOptions['part'] = (type, path) => reader.part(type, path);
  const walk = new WalkCode({ codes, paths, slotted, part });
  const walked = walk.of(root);
  return { code: codeOf(parts, walked, walk.steps.length > 0), walk };
}

export function paintFunction(parts: PaintParts): { paint: Paint; slack: number } {
  const { plan, reader, shapes, rules, event } = parts;
  const { fields, constants } = plan;
  const { code, walk } = paintCode(parts);
  const names: Readonly<Record<string, unknown>> = {
    constants: constants.values,
    steps: walk.steps,
    cursor: new AvroCursor(defaultLimits),
    fields,
    shapes,
    rules,
    event,
    encoders: fields.map(({ elements }) => elements),
    nullValues: fields.map(({ nullValue }) => nullValue),
    slots: reader.slots,
    variants: reader.variants,
    addressFromOctets,
    addressVersion,
    isMapped,
    isText,
    macFromOctets,
    putOctets,
    putVariable,
    sameOctets,
  };
  // The one place where code is made: of names and numbers of ours, never of a text of the schema's.
  const made = compileFunction(code, Object.keys(names), { filename: 'compiled-painter' });
  const make = made as (...values: unknown[]) => Paint;
  return { paint: make(...Object.values(names)), slack: walk.slack };
}

function codeOf(parts: CodeParts, walked: string, hasSteps: boolean): string {
  const { plan, rules } = parts;
  const { codes, fields } = plan;
  return `'use strict';
return function paint(delivery, { bytes, input, base, endMax }, datum, to, progress, discards) {
  const { starts, ends, offsets } = delivery;
  let b = 0, h = 0, t = 0;
  for (; datum < to; datum += 1) {
  let at = starts[datum] - base;
  const end = ends[datum] - base;
  if (at < 0 || end > endMax) ${bail}
  event.datum = datum;
  ${codes.map(({ locals }) => locals).join('\n')}
  ${slotCode(parts)}
  ${hasSteps ? 'cursor.open(bytes, at, end);' : ''}
  ${walked}
  if (at !== end) ${bail}
  ${rules.map((_, n) => dropping(n)).join('\n')}
  ${codes.map(({ settle }) => settle).join('\n')}
  ${versionCode(fields)}
  ${codes.map(({ confirm = '' }) => confirm).join('\n')}
  ${keyCode(parts.branches)}
  const shape = shapes.of(${keyNames.join(', ')});
  if (shape === undefined) ${bail}
  const octets = shape.fixedOctets${codes.map((code, i) => moreOctets(code, fields[i]!, i)).join('')};
  if (octets > shapes.recordOctetsMax) ${bail}
  const frame = shapes.frameFor(shape, octets);
  const out = frame.buffer, view = frame.view;
  let o = frame.at;
  ${codes.map(({ write }, i) => (fields[i]!.omitNull ? `if (c${i} !== 0) { ${write} }` : write)).join('\n')}
  frame.painted(o, octets, progress, offsets[datum]);
  }
  return datum;
};`;
}

const dropping = (n: number): string =>
  `if (rules[${n}].drops(event)) { discards.discard(progress, rules[${n}].reason); continue; }`;

function slotCode({ plan, paths }: CodeParts): string {
  const slots = paths.flatMap((path, slot) => (plan.slotted.has(path) ? [slot] : []));
  return slots.map((slot) => `slots[${slot}] = null; variants[${slot}] = 0;`).join(' ');
}

/** The flow's IP version, which all addresses agree on, and what follows it. */
function versionCode(fields: readonly MappedField[]): string {
  const said = fields.flatMap(({ flowVersion }, i) => (flowVersion === undefined ? [] : [i]));
  const agreed = said.map(
    (i) => `if (y${i} !== 0) { if (version !== 0 && version !== y${i}) ${bail} version = y${i}; }`,
  );
  const following = fields.flatMap(({ choice, omitNull }, i) => {
    if (choice !== 'flow') return [];
    const taken = `if (version === 0) ${bail} c${i} = version;`;
    return omitNull ? [`if (c${i} !== 0) { ${taken} }`] : [taken];
  });
  return `let version = 0; ${agreed.join('\n')} ${following.join('\n')}`;
}

function keyCode(branches: readonly Branch[]): string {
  const bits = keyBitsOf(branches);
  const keys = keyNames.map((name, key) => {
    const own = branches.flatMap(({ index }, i) =>
      bits[i]!.key === key ? [`(c${index} << ${bits[i]!.shift})`] : [],
    );
    return `const ${name} = ${own.join(' | ') || '0'};`;
  });
  return keys.join('\n');
}

function moreOctets({ moreOctets: more }: FieldCode, field: MappedField, i: number): string {
  if (more === undefined) return '';
  return hasChoice(field) && field.omitNull ? ` + (c${i} !== 0 ? ${more} : 0)` : ` + (${more})`;
}
