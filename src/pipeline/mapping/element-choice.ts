// Which Information Elements a mapping's name stands for. Most names are one element; some are two,
// of which the value's own IP version or the flow's decides.

import {
  elementById,
  elementByName,
  ianaRegistry,
  type InformationElement,
} from '../../ipfix/information-element.ts';
import type { ElementSpec } from './mapping-spec.ts';

/**
 * `value`: an address, 4 octets or 16. `flow`: whatever IP version the flow's addresses have.
 * `usually` is the version taken for the Templates that are told before any event was seen.
 */
export type ElementChoice =
  | { readonly by: 'nothing'; readonly element: InformationElement }
  | {
      readonly by: 'value' | 'flow';
      readonly ipv4: InformationElement;
      readonly ipv6: InformationElement;
      readonly usually: 'ipv4' | 'flow';
    };

type Pair = readonly [name: string, ipv4: string, ipv6: string, usually: 'ipv4' | 'flow'];

const addressPairs: readonly Pair[] = [
  ['sourceAddress', 'sourceIPv4Address', 'sourceIPv6Address', 'flow'],
  ['destinationAddress', 'destinationIPv4Address', 'destinationIPv6Address', 'flow'],
  ['ipNextHopAddress', 'ipNextHopIPv4Address', 'ipNextHopIPv6Address', 'flow'],
  ['bgpNextHopAddress', 'bgpNextHopIPv4Address', 'bgpNextHopIPv6Address', 'flow'],
  ['postNATSourceAddress', 'postNATSourceIPv4Address', 'postNATSourceIPv6Address', 'flow'],
  [
    'postNATDestinationAddress',
    'postNATDestinationIPv4Address',
    'postNATDestinationIPv6Address',
    'flow',
  ],
  ['exporterAddress', 'exporterIPv4Address', 'exporterIPv6Address', 'ipv4'],
  ['originalExporterAddress', 'originalExporterIPv4Address', 'originalExporterIPv6Address', 'ipv4'],
];

const flowPairs: readonly Pair[] = [
  ['sourcePrefixLength', 'sourceIPv4PrefixLength', 'sourceIPv6PrefixLength', 'flow'],
  ['destinationPrefixLength', 'destinationIPv4PrefixLength', 'destinationIPv6PrefixLength', 'flow'],
  ['icmpType', 'icmpTypeIPv4', 'icmpTypeIPv6', 'flow'],
  ['icmpCode', 'icmpCodeIPv4', 'icmpCodeIPv6', 'flow'],
  ['icmpTypeCode', 'icmpTypeCodeIPv4', 'icmpTypeCodeIPv6', 'flow'],
];

const flowVersions: Readonly<Record<string, 0 | 1 | 2>> = {
  sourceAddress: 0,
  destinationAddress: 0,
  sourceIPv4Address: 1,
  destinationIPv4Address: 1,
  sourceIPv6Address: 2,
  destinationIPv6Address: 2,
};

/** The flow's IP version as an element says it: by its value (0), IPv4 (1) or IPv6 (2). */
export const flowVersionOf = (elementName: string): 0 | 1 | 2 | undefined =>
  flowVersions[elementName];

const choices = new Map<string, ElementChoice>();
for (const [pairs, by] of [
  [addressPairs, 'value'],
  [flowPairs, 'flow'],
] as const) {
  for (const [name, ipv4, ipv6, usually] of pairs) {
    choices.set(name, { by, ipv4: iana(ipv4), ipv6: iana(ipv6), usually });
  }
}

function iana(name: string): InformationElement {
  const element = elementByName(name);
  if (!element) throw new Error(`the registry has no ${name}`);
  return element;
}

/** What a name in a mapping stands for; undefined when no element has it. */
export function elementChoice(name: string): ElementChoice | undefined {
  const pair = choices.get(name);
  if (pair) return pair;
  const element = elementByName(name);
  return element && { by: 'nothing', element };
}

// RFC 7011 §3.2: an id has 15 bits; enterprise number 0 does not exist on the wire, here it is IANA's.
const elementIdMax = 0x7fff;
const enterpriseNumberMax = 0xffff_ffff;

/** The element that `PEN/id` names; undefined where the name has another form, or what is wrong. */
export function numberedElement(spec: ElementSpec): InformationElement | string | undefined {
  const numbers = /^(\d+)\/(\d+)$/.exec(spec.element);
  if (!numbers) return undefined;
  const [enterpriseNumber, id] = [Number(numbers[1]), Number(numbers[2])];
  if (enterpriseNumber > enterpriseNumberMax || id < 1 || id > elementIdMax) {
    return `${spec.element} is out of range; PEN/id with an id from 1 to ${elementIdMax}`;
  }
  const known = elementById(enterpriseNumber, id);
  if (known) return known;
  if (enterpriseNumber === 0) return `IANA's registry has no element ${id}`;
  if (spec.type === undefined) {
    return `${spec.element} needs "type", the abstract type of the element, as "unsigned32"`;
  }
  const name = spec.name ?? spec.element;
  const unsaid = { semantics: '', units: '', range: '', deprecated: false };
  return { id, name, type: spec.type, enterpriseNumber, ...unsaid };
}

/** All names a mapping may use, for suggestions. */
export function* knownElementNames(): Iterable<string> {
  yield* choices.keys();
  for (const { name } of ianaRegistry) yield name;
}

/** Names and paths are compared ignoring case, `_` and `-`. */
export const looseName = (name: string): string => name.replace(/[_-]/g, '').toLowerCase();

let byLooseName: Map<string, string> | undefined;

/** The element name that a field's own name is, ignoring case, `_` and `-`. */
export function elementNameLike(fieldName: string): string | undefined {
  byLooseName ??= new Map(Array.from(knownElementNames(), (name) => [looseName(name), name]));
  return byLooseName.get(looseName(fieldName));
}
