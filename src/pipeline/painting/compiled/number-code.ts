// The code of fields that are numbers: whole ones, times, floating point, booleans. What the element
// cannot hold leaves the event to the by-value Painter, which knows how to say so.

import type { LeafType } from '../../../avro/leaves.ts';
import type { FieldSpecifier } from '../../../ipfix/template.ts';
import type { Form } from '../../mapping/conversion/convert.ts';
import type { MappedField, PlainRead, PlainValue } from '../../mapping/mapped-field.ts';
import { bail, choiceLocals, type Constants, present, type ValueCode } from './field-code.ts';
import {
  indexMembersMax,
  pairOf,
  quotientMax,
  readIndex,
  readNumber,
  readPair,
  readTimePair,
  readQuotient,
} from './read-code.ts';
import { type NumberTarget, numberTarget } from './number-target.ts';

/** Undefined where the field is not a number, or one that is not compiled. */
export function numberCode(
  field: MappedField,
  i: number,
  constants: Constants,
): ValueCode | undefined {
  const { plain, elements, nullValue = 0 } = field;
  const targets = elements.map(({ field: specifier }) => numberTarget(specifier));
  const [target, other] = targets;
  if (!plain || !target || field.choice === 'value') return undefined;
  if (targets.some((one) => one?.write('v') !== target.write('v'))) return undefined;
  if (typeof nullValue !== 'number' || Object.is(nullValue, -0)) return undefined;
  if (isPair(plain, elements[0]!.field)) return pairCode(field, plain, i, nullValue);
  const read = valueRead(plain, target, `x${i}`, { nulls: plain, constants });
  if (read === undefined) return undefined;
  const locals = `${choiceLocals(field, i)} let v${i} = ${nullValue};`;
  // Where the two elements hold different numbers, only the flow's version says which ones.
  const differs = other !== undefined && other.check !== target.check;
  const check = differs ? other.check : target.check;
  const write = target.write(`v${i}`);
  if (!plain.plus) {
    const taken = `x${i}: { ${read} ${check} v${i} = t; ${present(field, i)} }`;
    const confirm = `t = v${i}; if (c${i} === 1) ${target.check} else if (c${i} === 2) ${check}`;
    return { locals, reads: new Map([[plain.path, taken]]), ...(differs && { confirm }), write };
  }
  const added = valueRead(plain.plus, target, `w${i}`, { constants });
  if (added === undefined || target.kind !== 'whole' || differs) return undefined;
  if (plain.plus.path === plain.path) return undefined;
  return {
    locals: `${locals} let a${i} = NaN, d${i} = NaN;`,
    reads: new Map([
      [plain.path, `x${i}: { ${read} if (t !== t) ${bail} a${i} = t; }`],
      [plain.plus.path, `w${i}: { ${added} if (t !== t) ${bail} d${i} = t; }`],
    ]),
    settle: sumCode(plain.plus.times, target, `v${i} = t; ${present(field, i)}`, i),
    write,
  };
}

// NaN is what was not read: null.
function sumCode(times: number, target: NumberTarget, taken: string, i: number): string {
  const bounds = times > 1 ? `if (d${i} < 0 || d${i} >= ${times}) ${bail}` : '';
  return `if (a${i} === a${i} && d${i} === d${i}) {
    ${bounds} t = a${i} * ${times} + d${i};
    if (!Number.isSafeInteger(t)) ${bail}
    ${target.check} ${taken} }`;
}

/** Reads and converts into t; leaves the block `label` where the value means null. */
function valueRead(
  { type, form }: PlainValue,
  target: NumberTarget,
  label: string,
  { nulls, constants }: { nulls?: PlainRead; constants: Constants },
): string | undefined {
  const raw = [...(nulls?.nulls?.raw ?? [])];
  if (type.kind === 'enum') return symbolRead(type, form, raw, { label, constants });
  if (type.kind === 'boolean') {
    if (target.kind !== 'boolean' || form) return undefined;
    const meant = raw.filter((value) => typeof value === 'boolean');
    return `b = bytes[at++]; if (b > 1) ${bail}
      ${meant.map((value) => `if (b === ${Number(value)}) break ${label};`).join(' ')} t = 2 - b;`;
  }
  if (target.kind === 'boolean') return undefined;
  const meant = raw.filter((value) => typeof value === 'number');
  const unless = meant.map((value) => `if (t === ${value}) break ${label};`).join(' ');
  if (form?.kind === 'over' && type.kind === 'long') {
    return form.factor > quotientMax ? undefined : readQuotient(form.factor, unless);
  }
  const read = readNumber(type);
  const converted = converting(type, form, target);
  return read === undefined || converted === undefined
    ? undefined
    : `${read} ${unless} ${converted}`;
}

function converting(
  { kind }: LeafType,
  form: Form | undefined,
  target: NumberTarget,
): string | undefined {
  const isFloating = kind === 'float' || kind === 'double';
  switch (form?.kind) {
    case undefined:
      return isFloating && target.kind === 'whole' ? `if (Math.floor(t) !== t) ${bail}` : '';
    case 'times':
      return `t *= ${form.factor}; if (!Number.isSafeInteger(t)) ${bail}`;
    case 'unsigned':
      return 'if (t < 0) t += 4294967296;';
    case 'over':
      return `t = Math.floor(t / ${form.factor});`;
    case 'rounded':
      return `t = Math.round(t * ${form.factor}); if (!Number.isSafeInteger(t)) ${bail}`;
    default:
      return undefined;
  }
}

function symbolRead(
  { symbols }: Extract<LeafType, { kind: 'enum' }>,
  form: Form | undefined,
  raw: readonly unknown[],
  { label, constants }: { label: string; constants: Constants },
): string | undefined {
  if (form?.kind !== 'symbols' || symbols.length > indexMembersMax) return undefined;
  // What is not a number is refused by the element, so by its check.
  const meanings = form.meanings.map((meaning) => (typeof meaning === 'number' ? meaning : NaN));
  const meant = symbols.flatMap((symbol, index) => (raw.includes(symbol) ? [index] : []));
  return `${readIndex(symbols.length)}
    ${meant.map((index) => `if (b === ${index}) break ${label};`).join(' ')}
    t = ${constants.add(Float64Array.from(meanings))}[b];`;
}

/** A long as it is into eight octets: its bits go over without being a double in between. */
function isPair({ type, form, plus }: PlainRead, { element, length }: FieldSpecifier): boolean {
  const isWhole = element.type === 'unsigned64' || element.type === 'dateTimeMilliseconds';
  const isFree = element.type === 'dateTimeMilliseconds' || !/-/.test(element.range);
  return isWhole && isFree && length === 8 && type.kind === 'long' && !form && !plus;
}

function pairCode(field: MappedField, plain: PlainRead, i: number, ofNull: number): ValueCode {
  const meant = [...(plain.nulls?.raw ?? [])].filter(
    (value): value is number => Number.isSafeInteger(value) && (value as number) >= 0,
  );
  const unless = meant.map((value) => {
    const [low, high] = pairOf(value);
    return `if (b === ${low} && h === ${high}) break x${i};`;
  });
  const [low, high] = pairOf(ofNull);
  const isTime = field.elements[0]!.field.element.type === 'dateTimeMilliseconds';
  const read = isTime ? readTimePair : readPair;
  return {
    locals: `${choiceLocals(field, i)} let v${i} = ${low}, u${i} = ${high};`,
    reads: new Map([
      [
        plain.path,
        `x${i}: { ${read} ${unless.join(' ')} v${i} = b; u${i} = h; ${present(field, i)} }`,
      ],
    ]),
    write: `view.setUint32(o, u${i} >>> 5); view.setUint32(o + 4, (v${i} >>> 1) | (u${i} << 27)); o += 8;`,
  };
}
