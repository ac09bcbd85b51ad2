// Information Elements (RFC 7012): the abstract data types, IANA's registry, and how to find a row.

import { ianaRows } from './iana-registry.ts';

/** The abstract data types of RFC 7012 §3.1, RFC 6313 and RFC 9740, by IANA's spelling. */
export const abstractTypes = [
  'octetArray',
  'unsigned8',
  'unsigned16',
  'unsigned32',
  'unsigned64',
  'unsigned256',
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
] as const;

export type AbstractType = (typeof abstractTypes)[number];

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

const rows: readonly Row[] = ianaRows;

/** IANA's registry, ascending by id. */
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

/** By IANA's exact spelling ("octetDeltaCount"), or "reverseOctetDeltaCount" for its reverse. */
export function elementByName(name: string): InformationElement | undefined {
  return byName.get(name);
}

/** By enterprise number (0 for IANA's own, 29305 for the reverse ones) and id. */
export function elementById(enterpriseNumber: number, id: number): InformationElement | undefined {
  return byId.get(key(enterpriseNumber, id));
}
