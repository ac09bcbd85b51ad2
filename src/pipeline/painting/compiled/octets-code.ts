// The code of fields that are octets: addresses, texts, octet arrays. They are copied from the datum;
// only addresses in text are first written aside.

import { variableLength } from '../../../ipfix/template.ts';
import type { MappedField, PlainRead } from '../../mapping/mapped-field.ts';
import { bail, choiceLocals, type Constants, present, type ValueCode } from './field-code.ts';
import { indexMembersMax, readIndex, readLength } from './read-code.ts';

interface OctetsField {
  readonly plain: PlainRead;
  readonly i: number;
  readonly isText: boolean;
  /** The name of what the octets are in. */
  readonly source: string;
  readonly constants: Constants;
}

/** Undefined where the field is not octets, or such that are not compiled. */
export function octetsCode(
  field: MappedField,
  i: number,
  constants: Constants,
): ValueCode | undefined {
  const { plain, elements } = field;
  const types = new Set<string>(elements.map(({ field: { element } }) => element.type));
  const lengths = elements.map(({ field: { length } }) => length);
  const isText = types.has('string');
  if (!plain || plain.plus || field.choice === 'flow') return undefined;
  if (!isText && !octetTypes.some((type) => types.has(type))) return undefined;
  // A text of fixed length is filled up: the encoder does that.
  if (isText && lengths[0] !== variableLength) return undefined;
  const ofNull = nullOctets(field.nullValue);
  if (ofNull === undefined) return undefined;
  const isAside = plain.type.kind === 'enum' || isParsed(plain);
  const source = ofNull.length > 0 || isAside ? `s${i}` : 'bytes';
  const found = locating({ plain, i, isText, source, constants });
  if (found === undefined) return undefined;
  const isNull = `n${i} = ${ofNull.length}; p${i} = 0;`;
  const sourceIsNull = source === 'bytes' ? '' : `${source} = ${constants.add(ofNull)};`;
  const unless = nullAddresses(plain, i, source, constants);
  const nulled = unless === '' ? '' : `if (${unless}) { ${isNull} ${sourceIsNull} break x${i}; }`;
  const taken = `${found} ${nulled} ${choosing(field, i, lengths)} ${present(field, i)}`;
  const isVariable = lengths[0] === variableLength;
  return {
    locals: `${choiceLocals(field, i, ofNull.length === 16 ? 2 : 1)}
      let ${isNull.replace('; ', ', ')} ${sourceIsNull && `let ${sourceIsNull}`}`,
    reads: new Map([[plain.path, `x${i}: { ${taken} }`]]),
    write: isVariable
      ? `o = putVariable(out, o, ${source}, p${i}, n${i});`
      : copying(source, i, lengths),
    ...(isVariable && { moreOctets: `n${i} + (n${i} < 255 ? 0 : 2)` }),
  };
}

const octetTypes = ['ipv4Address', 'ipv6Address', 'macAddress', 'octetArray'];

const isParsed = ({ form }: PlainRead): boolean => form?.kind === 'address' || form?.kind === 'mac';

/** What stands for null, as the octets it is; undefined where that is not simple. */
function nullOctets(nullValue: unknown): Buffer | undefined {
  if (nullValue === undefined) return Buffer.alloc(0);
  if (typeof nullValue === 'string') return Buffer.from(nullValue);
  return nullValue instanceof Uint8Array ? Buffer.from(nullValue) : undefined;
}

/** Reads where the value lies, and leaves the block x{i} where a text means null. */
function locating(octets: OctetsField): string | undefined {
  const { plain, i, isText, source } = octets;
  const { type, form } = plain;
  const inDatum = source === 'bytes' ? '' : `${source} = bytes;`;
  const here = `n${i} = t; p${i} = at; at += t; ${inDatum}`;
  switch (type.kind) {
    case 'bytes':
    case 'fixed': {
      if (isText || (form && form.kind !== 'unmapped')) return undefined;
      const isFixed = type.kind === 'fixed' && 'size' in type;
      const length = isFixed ? `t = ${type.size}; if (t > end - at) ${bail}` : readLength;
      return `${length} ${here} ${form ? unmapping(source, i) : ''}`;
    }
    case 'string': {
      const read = `${readLength} ${nullTexts(octets)}`;
      if (isParsed(plain)) return `${read} ${parsing(octets)}`;
      if (form ? form.kind !== 'utf8' : !isText) return undefined;
      return `${read} if (!isText(bytes, at, t)) ${bail} ${here}`;
    }
    case 'enum':
      return isText && !form ? symbols(type.symbols, octets) : undefined;
    default:
      return undefined;
  }
}

const textsMeaningNull = ({ nulls }: PlainRead): string[] =>
  [...(nulls?.raw ?? [])].filter((value): value is string => typeof value === 'string');

function nullTexts({ plain, i, constants }: OctetsField): string {
  const same = textsMeaningNull(plain).map((text) => {
    const wanted = Buffer.from(text);
    return `(t === ${wanted.length} && sameOctets(bytes, at, ${constants.add(wanted)}))`;
  });
  return same.length === 0 ? '' : `if (${same.join(' || ')}) { at += t; break x${i}; }`;
}

function parsing({ plain: { form }, i, source, constants }: OctetsField): string {
  const parse = form?.kind === 'mac' ? 'macFromOctets' : 'addressFromOctets';
  const unmaps = form?.kind === 'address' && form.unmaps;
  return `${source} = ${constants.add(Buffer.alloc(16))}; p${i} = 0;
    n${i} = ${parse}(bytes, at, t, ${source}); if (n${i} === 0) ${bail}
    at += t; ${unmaps ? unmapping(source, i) : ''}`;
}

function symbols(names: readonly string[], { plain, i, source, constants }: OctetsField) {
  if (names.length > indexMembersMax) return undefined;
  const texts = textsMeaningNull(plain);
  const meant = names.flatMap((name, index) =>
    texts.includes(name) ? [`if (b === ${index}) break x${i};`] : [],
  );
  const table = constants.add(names.map((name) => Buffer.from(name)));
  return `${readIndex(names.length)} ${meant.join(' ')}
    ${source} = ${table}[b]; p${i} = 0; n${i} = ${source}.length;`;
}

const unmapping = (source: string, i: number): string =>
  `if (n${i} === 16 && isMapped(${source}, p${i})) { p${i} += 12; n${i} = 4; }`;

/** A condition: the address is one of those that mean null. */
function nullAddresses({ nulls }: PlainRead, i: number, source: string, constants: Constants) {
  const same = (nulls?.octets ?? []).map((octets) => {
    const wanted = constants.add(octets);
    return `(n${i} === ${octets.length} && sameOctets(${source}, p${i}, ${wanted}))`;
  });
  return same.join(' || ');
}

/** Checks the length, and takes the element and the flow's IP version by it. */
function choosing(field: MappedField, i: number, [length]: readonly number[]): string {
  if (length === variableLength) return '';
  if (field.choice !== 'value') return `if (n${i} !== ${length}) ${bail}`;
  const says = field.flowVersion === 0 ? `y${i} = c${i};` : '';
  return `if (n${i} === 4) c${i} = 1; else if (n${i} === 16) c${i} = 2; else ${bail} ${says}`;
}

/** Longer ones are copied in a loop. */
const unrolledMax = 16;

function copying(source: string, i: number, lengths: readonly number[]): string {
  const [copy, other] = lengths.map((length) => {
    if (source === 'bytes' && (length === 4 || length === 6 || length === 16)) {
      return copyingWords(i, length);
    }
    if (length > unrolledMax) return `o = putOctets(out, o, ${source}, p${i}, ${length});`;
    const octets = Array.from({ length }, (_, k) => `out[o + ${k}] = ${source}[p${i} + ${k}];`);
    return `${octets.join(' ')} o += ${length};`;
  });
  return other === undefined ? copy! : `if (c${i} === 1) { ${copy} } else { ${other} }`;
}

/** Out of the datum, by as few loads as there are words. */
function copyingWords(i: number, length: 4 | 6 | 16): string {
  const words = length === 16 ? [0, 4, 8, 12] : [0];
  const copies = words.map((k) => `view.setUint32(o + ${k}, input.getUint32(p${i} + ${k}));`);
  const rest = length === 6 ? `view.setUint16(o + 4, input.getUint16(p${i} + 4));` : '';
  return `${copies.join(' ')} ${rest} o += ${length};`;
}
