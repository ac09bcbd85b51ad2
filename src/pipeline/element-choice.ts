// Which Information Elements a mapping's name stands for. Most names are one element; some are two,
// of which the value's own IP version or the flow's decides.

import {
  elementByName,
  ianaRegistry,
  type InformationElement,
} from '../ipfix/information-element.ts';

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

/** These say the flow's IP version, for all elements that are chosen by it. */
export const flowAddressNames: ReadonlySet<string> = new Set([
  'sourceAddress',
  'destinationAddress',
]);

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

/** All names a mapping may use, for suggestions. */
export function* knownElementNames(): Iterable<string> {
  yield* choices.keys();
  for (const { name } of ianaRegistry) yield name;
}

const loose = (name: string) => name.replace(/[_-]/g, '').toLowerCase();
let byLooseName: Map<string, string> | undefined;

/** The element name that a field's own name is, ignoring case, `_` and `-`. */
export function elementNameLike(fieldName: string): string | undefined {
  byLooseName ??= new Map(Array.from(knownElementNames(), (name) => [loose(name), name]));
  return byLooseName.get(loose(fieldName));
}
