// COLLECTOR_PROFILE: what a collecting program needs of the elements and the Templates that it is sent.

import { naturalLength } from '../../ipfix/abstract-type.ts';
import type { InformationElement } from '../../ipfix/information-element.ts';
import { type FieldSpecifier, variableLength } from '../../ipfix/template.ts';

export const collectorProfileNames = ['generic', 'go-ipfix', 'fixed-length'] as const;
export type CollectorProfileName = (typeof collectorProfileNames)[number];

export interface CollectorProfile {
  readonly name: CollectorProfileName;
  /** Octets in which an element is sent where the mapping says none; undefined where it has no type of ours. */
  lengthOf(element: InformationElement): number | undefined;
  /** Why the program cannot read an element in these octets, and what to do; undefined where it can. */
  faultOf(field: FieldSpecifier): string | undefined;
  /** The maximum number of Templates in a Message. */
  readonly templatesMax: number;
  /** Whether it takes Options Templates without harm. */
  readonly takesOptions: boolean;
}

const natural = (element: InformationElement): number | undefined => naturalLength(element.type);

/**
 * Octets in which an element is sent where the mapping says none and its natural length is not read
 * by all: pmacct 1.7.7 takes the first octet of tcpControlBits, which in two octets is never set.
 */
const usualLengths: ReadonlyMap<string, number> = new Map([
  ['tcpControlBits', 1],
  ['reverseTcpControlBits', 1],
]);

export const generic: CollectorProfile = {
  name: 'generic',
  lengthOf: (element) => usualLengths.get(element.name) ?? natural(element),
  faultOf: () => undefined,
  templatesMax: Infinity,
  takesOptions: true,
};

// go-ipfix 0.13 takes the length of an element from its own registry, not from the Template, and reads
// only the first Template of a Message; an element that it cannot decode makes it refuse the Template.
// Its registry: pkg/registry/registry_IANA.go, of the year 2021; the types: DecodeAndCreateInfoElementWithValue
// of pkg/entities/ie.go, which panics at a Template with a signed64.
const goIpfixIdMax = 491;
const goIpfixLengths: ReadonlyMap<string, number> = new Map([
  ['forwardingStatus', 1],
  ['reverseForwardingStatus', 1],
]);
const goIpfixTypes: ReadonlySet<string> = new Set([
  ...['dateTimeMicroseconds', 'dateTimeNanoseconds', 'signed64'],
  ...['basicList', 'subTemplateList', 'subTemplateMultiList'],
]);
/** RFC 5103 §6.1: IANA's elements for the other direction. */
const reversePen = 29_305;

const goIpfix: CollectorProfile = {
  name: 'go-ipfix',
  lengthOf: (element) => goIpfixLengths.get(element.name) ?? natural(element),
  faultOf({ element, length }) {
    const { name, type, enterpriseNumber, id } = element;
    if (type === 'dateTimeMicroseconds' || type === 'dateTimeNanoseconds') {
      const other = name.replace(/(Micro|Nano)seconds$/, 'Milliseconds');
      return `go-ipfix rejects Templates with ${type}; map ${other} with the field's "unit"`;
    }
    if (goIpfixTypes.has(type)) return `go-ipfix cannot read ${type}; leave ${name} out`;
    if (![0, reversePen].includes(enterpriseNumber) || id > goIpfixIdMax) {
      return `go-ipfix has no ${name} in its registry, and rejects the Template; leave it out`;
    }
    const own = goIpfixLengths.get(name) ?? natural(element);
    if (length === own) return undefined;
    const octets = own === variableLength ? 'a variable length' : `${own} octets`;
    return `go-ipfix reads ${name} with ${octets}, whatever the Template says; remove "length"`;
  },
  templatesMax: 1,
  takesOptions: false,
};

const fixedLength: CollectorProfile = {
  name: 'fixed-length',
  lengthOf: natural,
  faultOf({ element: { name, type }, length }) {
    if (type === 'basicList') return `a list has no fixed length; leave ${name} out`;
    if (length === variableLength) {
      return `${name} (${type}) has no fixed length; give it one with "length", or leave it out`;
    }
    const own = naturalLength(type);
    if (own === variableLength || length === own) return undefined;
    return `${name} has ${own} octets in IANA's registry, and others are not read; remove "length"`;
  },
  templatesMax: 1,
  takesOptions: false,
};

const profiles: Readonly<Record<CollectorProfileName, CollectorProfile>> = {
  generic,
  'go-ipfix': goIpfix,
  'fixed-length': fixedLength,
};

export const collectorProfile = (name: CollectorProfileName): CollectorProfile => profiles[name];
