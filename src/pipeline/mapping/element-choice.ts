// Which Information Elements a mapping's name stands for. Most names are one element; some are two,
// of which the value's own IP version or the flow's decides.

import {
  elementById,
  elementByName,
  ianaRegistry,
  type InformationElement,
  isImpossibleReverse,
} from '../../ipfix/information-element.ts';
import { suggestion } from '../../did-you-mean.ts';
import { MappingError } from './mapping-error.ts';
import type { ElementSpec } from './mapping-spec.ts';

/** Which elements a name stands for, and what chooses between them. */
interface ElementChoice {
  /**
   * `nothing`: there is one. `value`: an address, 4 octets or 16. `flow`: whatever IP version the flow's
   * addresses have.
   */
  readonly by: 'nothing' | 'value' | 'flow';
  readonly name: string;
  /** One, or IPv4's and IPv6's. */
  readonly elements: readonly InformationElement[];
  /** The version taken for the Templates that are announced before any event was seen. */
  readonly usually: 'ipv4' | 'flow';
}

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
    choices.set(name, { by, name, elements: [iana(ipv4), iana(ipv6)], usually });
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
  return element && oneElement(element);
}

const oneElement = (element: InformationElement): ElementChoice => ({
  by: 'nothing',
  name: element.name,
  elements: [element],
  usually: 'flow',
});

// RFC 7011 §3.2: an id has 15 bits; enterprise number 0 does not exist on the wire, here it is IANA's.
const elementIdMax = 0x7fff;
const enterpriseNumberMax = 0xffff_ffff;

/** The element that `PEN/id` names; undefined where the name has another form. Throws MappingError. */
function numberedElement(spec: ElementSpec): InformationElement | undefined {
  const numbers = /^(\d+)\/(\d+)$/.exec(spec.element);
  if (!numbers) return undefined;
  const [enterpriseNumber, id] = [Number(numbers[1]), Number(numbers[2])];
  if (enterpriseNumber > enterpriseNumberMax || id < 1 || id > elementIdMax) {
    throw new MappingError(
      `${spec.element} is out of range; PEN/id with an id from 1 to ${elementIdMax}`,
    );
  }
  const known = elementById(enterpriseNumber, id);
  if (known) return known;
  if (enterpriseNumber === 0) throw new MappingError(`IANA's registry has no element ${id}`);
  if (spec.type === undefined) {
    throw new MappingError(
      `${spec.element} needs "type", the abstract type of the element, as "unsigned32"`,
    );
  }
  const name = spec.name ?? spec.element;
  const unsaid = { semantics: '', units: '', range: '', deprecated: false };
  return { id, name, type: spec.type, enterpriseNumber, ...unsaid };
}

/** Elements relative to Export Time: a Message that is sent again would change their meaning. */
const refusedElements = new Set(['flowStartDeltaMicroseconds', 'flowEndDeltaMicroseconds']);

/** What a field of the mapping fills. Throws MappingError. */
export function chosenElements(spec: ElementSpec): ElementChoice {
  const numbered = numberedElement(spec);
  const choice = numbered ? oneElement(numbered) : elementChoice(spec.element);
  if (!choice) {
    const hint = suggestion(spec.element, knownElementNames(), 'see the IANA IPFIX registry');
    throw new MappingError(`"${spec.element}" is not an Information Element; ${hint}`);
  }
  const { name, elements } = choice;
  if (refusedElements.has(name)) {
    throw new MappingError(`${name} is relative to Export Time; use an absolute time element`);
  }
  if (elements.some(isImpossibleReverse)) {
    throw new MappingError(
      `${name} does not exist: it has no direction (RFC 5103 §6.1); map another element`,
    );
  }
  return choice;
}

/** All names a mapping may use, for suggestions. */
function* knownElementNames(): Iterable<string> {
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
