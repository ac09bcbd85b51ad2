// Information Elements (RFC 7012): the abstract data types, IANA's registry, and how to find a row.

import { ianaRows } from './iana-registry.ts';

/**
 * The abstract data types of RFC 7012 §3.1, RFC 6313 and RFC 9740, by IANA's spelling, in the order of
 * their numbers from 0 on (RFC 5610 §3.1).
 */
export const abstractTypes = [
  'octetArray',
  'unsigned8',
  'unsigned16',
  'unsigned32',
  'unsigned64',
  'signed8',
  'signed16',
  'signed32',
  'signed64',
  'float32',
  'float64',
  'boolean',
  'macAddress',
  'string',
  'dateTimeSeconds',
  'dateTimeMilliseconds',
  'dateTimeMicroseconds',
  'dateTimeNanoseconds',
  'ipv4Address',
  'ipv6Address',
  'basicList',
  'subTemplateList',
  'subTemplateMultiList',
  'unsigned256',
] as const;

/** The name of an abstract data type (RFC 7012 §3.1). */
export type AbstractType = (typeof abstractTypes)[number];

/** An Information Element (RFC 7012 §2). */
export interface InformationElement {
  readonly id: number;
  readonly name: string;
  readonly type: AbstractType;
  /** 0 for IANA's own elements. */
  readonly enterpriseNumber: number;
  /** IANA's data type semantics ("deltaCounter", "identifier", …), "" where it states none. */
  readonly semantics: string;
  readonly units: string;
  /** The registry's own words, such as "0-128"; "" where it states none. */
  readonly range: string;
  readonly deprecated: boolean;
}

type Row = readonly [
  id: number,
  name: string,
  type: AbstractType,
  semantics?: string,
  units?: string,
  range?: string,
  status?: 'deprecated' | '',
];

/** RFC 5103 §6.1: in this enterprise's space each id is the reverse counterpart of IANA's. */
export const reverseEnterpriseNumber = 29305;

// RFC 5103 §6.1: identifiers of no direction, configuration, statistics, padding, biflowDirection; and by
// its last sentence, what was registered since for the use of IPFIX itself (RFC 5655, RFC 5610).
const irreversibleIds: ReadonlySet<number> = new Set([
  ...[137, 145, 148, 149],
  ...[130, 131, 173, 211, 212, 213, 214, 215, 216, 217],
  ...[40, 41, 42, 163, 164, 165, 166, 167, 168],
  ...[210, 239],
  ...[258, 259, 260, 261, 262, 263, 264, 265, 266, 267],
  ...[303, 339, 340, 341, 342, 343, 344, 345, 346],
]);

/** The reverse of an element that has no direction: it must never be exported (RFC 5103 §6.1). */
export const isImpossibleReverse = (element: InformationElement): boolean =>
  element.enterpriseNumber === reverseEnterpriseNumber && irreversibleIds.has(element.id);

const rows: readonly Row[] = ianaRows;

/** The Information Elements of IANA's registry, in ascending order of their ids. */
export const ianaRegistry: readonly InformationElement[] = rows.map(
  ([id, name, type, semantics = '', units = '', range = '', status = '']) =>
    Object.freeze({
      id,
      name,
      type,
      enterpriseNumber: 0,
      semantics,
      units,
      range,
      deprecated: status === 'deprecated',
    }),
);

/** RFC 5103 gives them no names; "reverse" before IANA's name is what tools have settled on. */
const reverseElements = ianaRegistry.map((element) =>
  Object.freeze({
    ...element,
    name: `reverse${element.name.charAt(0).toUpperCase()}${element.name.slice(1)}`,
    enterpriseNumber: reverseEnterpriseNumber,
  }),
);

const all = [...ianaRegistry, ...reverseElements];
const byName = new Map(all.map((element) => [element.name, element]));
const byId = new Map(all.map((element) => [key(element.enterpriseNumber, element.id), element]));

function key(enterpriseNumber: number, id: number): number {
  return enterpriseNumber * 0x10000 + id;
}

/**
 * Returns the element with this name in IANA's exact spelling ("octetDeltaCount"), or the reverse element of
 * RFC 5103 ("reverseOctetDeltaCount"); undefined if there is none.
 */
export function elementByName(name: string): InformationElement | undefined {
  return byName.get(name);
}

/**
 * Returns the element with this enterprise number (0 for IANA's elements, 29305 for the reverse elements of
 * RFC 5103) and id; undefined if there is none.
 */
export function elementById(enterpriseNumber: number, id: number): InformationElement | undefined {
  return byId.get(key(enterpriseNumber, id));
}

/** IANA, "IPFIX Information Element Semantics", by number. */
export const semanticsNames = [
  'default',
  'quantity',
  'totalCounter',
  'deltaCounter',
  'identifier',
  'flags',
  'list',
  'snmpCounter',
  'snmpGauge',
];

// RFC 5610 §3.10
export function isValidPair(type: AbstractType, semantic: number): boolean {
  const isList = type.endsWith('List');
  if (type.startsWith('unsigned')) return true;
  if (type.startsWith('signed')) return semantic !== 5;
  if (type.startsWith('float')) return semantic !== 4 && semantic !== 5;
  return semantic === 0 || (isList && semantic === 6);
}
