// Information Element type records (RFC 5610): what an exporter says of its own elements, so that they
// can be read by their types and names within its session and Observation Domain.

import { lengthFault } from './decode-value.ts';
import { variableLength } from './decode-template.ts';
import type { DecodedRecord, DecodedTemplate, DecodedValue, Value } from './decoded-message.ts';
import {
  abstractTypes,
  elementByName,
  type InformationElement,
  isValidPair,
  semanticsNames,
} from './information-element.ts';

const informationElementId = 303;
const privateEnterpriseNumber = 346;
const dataType = 339;
const semantics = 344;
const units = 345;
const name = 341;
const rangeBegin = 342;
const rangeEnd = 343;

/** IANA, "IPFIX Information Element Units", by number. */
const unitNames = [
  ...['', 'bits', 'octets', 'packets', 'flows', 'seconds', 'milliseconds', 'microseconds'],
  ...['nanoseconds', '4-octet words', 'messages', 'hops', 'entries', 'frames', 'ports', 'inferred'],
];

/** One map for both: an enterprise number has 32 bits, an id 15. */
export const elementKey = (enterpriseNumber: number, id: number): number =>
  enterpriseNumber * 0x8000 + id;

/** Whether a Template's records state the types of elements. */
export function tellsTypes({ options, fields }: DecodedTemplate): boolean {
  if (!options) return false;
  const isThere = (id: number, scope: boolean) =>
    fields.some(
      (f) => f.element.id === id && f.element.enterpriseNumber === 0 && f.scope === scope,
    );
  return isThere(informationElementId, true) && isThere(dataType, false);
}

/** `elementKey` of the element that a type record is about. */
export const keyTold = ({ values }: DecodedRecord): number =>
  elementKey(numberIn(values, privateEnterpriseNumber), idIn(values));

/** The element that a type record describes; undefined where what it says has to be ignored. */
export function elementTold({ values }: DecodedRecord): InformationElement | undefined {
  const id = idIn(values);
  const type = abstractTypes[numberIn(values, dataType)];
  const semantic = numberIn(values, semantics);
  if (id === 0 || type === undefined || !isValidPair(type, semantic)) return undefined;
  const enterpriseNumber = numberIn(values, privateEnterpriseNumber);
  const [begin, end] = [valueIn(values, rangeBegin), valueIn(values, rangeEnd)];
  return {
    id,
    name: usableName(valueIn(values, name)) ?? `${enterpriseNumber}/${id}`,
    type,
    enterpriseNumber,
    semantics: semanticsNames[semantic] ?? '',
    units: unitNames[numberIn(values, units)] ?? '',
    range: typeof begin === 'number' && typeof end === 'number' ? `${begin}-${end}` : '',
    deprecated: false,
  };
}

/** RFC 5610 §3.8: the enterprise bit in here means nothing. */
const idIn = (values: readonly DecodedValue[]): number =>
  numberIn(values, informationElementId) & 0x7fff;

function valueIn(values: readonly DecodedValue[], id: number): Value | undefined {
  for (const { element, value } of values) {
    if (element.id === id && element.enterpriseNumber === 0) return value;
  }
  return undefined;
}

/** 0 where it is not there: RFC 5610 has that for "none" everywhere. */
function numberIn(values: readonly DecodedValue[], id: number): number {
  const value = valueIn(values, id);
  return typeof value === 'number' ? value : 0;
}

/** RFC 5610 §3.9: a type that is sent twice has to be sent alike. */
export const isSameElement = (a: InformationElement, b: InformationElement): boolean =>
  a.name === b.name &&
  a.type === b.type &&
  a.semantics === b.semantics &&
  a.units === b.units &&
  a.range === b.range;

/** Whether a field of that length can be of that type. */
export function canBe({ type }: InformationElement, length: number): boolean {
  if (length !== variableLength) return lengthFault(type, length) === undefined;
  return type === 'string' || type === 'octetArray' || type.endsWith('List');
}

/** A name is for readers and for keys; one that is IANA's stands only for IANA's element. */
function usableName(value: Value | undefined): string | undefined {
  if (typeof value !== 'string' || !/^[A-Za-z][\w.-]{0,127}$/.test(value)) return undefined;
  return elementByName(value) ? undefined : value;
}
