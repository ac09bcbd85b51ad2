// Events with two directions as two Data Records: what the reverse record of a mapping holds.
// RFC 5103 gives each element a reverse counterpart; few collectors read it, so a second record, with
// source and destination changed over, is the default.

import type { InformationElement } from '../../ipfix/information-element.ts';
import { elementByName, reverseEnterpriseNumber } from '../../ipfix/information-element.ts';
import { plainElement } from './mapped-element.ts';
import type { MappedField } from './mapped-field.ts';

/** What is said of the other end, in both directions. */
const directed: readonly (readonly [string, string])[] = [
  ['sourceAddress', 'destinationAddress'],
  ['sourceIPv4Address', 'destinationIPv4Address'],
  ['sourceIPv6Address', 'destinationIPv6Address'],
  ['sourceTransportPort', 'destinationTransportPort'],
  ['udpSourcePort', 'udpDestinationPort'],
  ['tcpSourcePort', 'tcpDestinationPort'],
  ['sourcePrefixLength', 'destinationPrefixLength'],
  ['sourceIPv4PrefixLength', 'destinationIPv4PrefixLength'],
  ['sourceIPv6PrefixLength', 'destinationIPv6PrefixLength'],
  ['sourceIPv4Prefix', 'destinationIPv4Prefix'],
  ['sourceIPv6Prefix', 'destinationIPv6Prefix'],
  ['sourceMacAddress', 'destinationMacAddress'],
  ['bgpSourceAsNumber', 'bgpDestinationAsNumber'],
  ['bgpPrevAdjacentAsNumber', 'bgpNextAdjacentAsNumber'],
  ['ingressInterface', 'egressInterface'],
  ['ingressPhysicalInterface', 'egressPhysicalInterface'],
  ['ingressVRFID', 'egressVRFID'],
];
const otherEnd = new Map(directed.flatMap(([a, b]) => [[a, b] as const, [b, a] as const]));

/** True of one direction only; the other one has its own or none. */
const ofOneDirection: ReadonlySet<string> = new Set([
  'tcpControlBits',
  'ipClassOfService',
  'postIpClassOfService',
  'flowDirection',
  'biflowDirection',
  'ipNextHopAddress',
  'ipNextHopIPv4Address',
  'ipNextHopIPv6Address',
  'bgpNextHopAddress',
  'bgpNextHopIPv4Address',
  'bgpNextHopIPv6Address',
  'icmpType',
  'icmpCode',
  'icmpTypeCode',
  'icmpTypeIPv4',
  'icmpTypeIPv6',
  'icmpCodeIPv4',
  'icmpCodeIPv6',
  'icmpTypeCodeIPv4',
  'icmpTypeCodeIPv6',
  'minimumTTL',
  'maximumTTL',
  'minimumIpTotalLength',
  'maximumIpTotalLength',
  'postVlanId',
  'postDot1qVlanId',
]);

export interface Directions {
  readonly forward: readonly MappedField[];
  /** Undefined where no field is of the reverse direction. */
  readonly reverse: ReverseRecord | undefined;
}

interface ReverseRecord {
  readonly fields: readonly MappedField[];
  /** There is a reverse flow when one of these is neither null nor 0. */
  readonly counters: readonly MappedField[];
}

const elementOf = ({ elements }: MappedField): InformationElement => elements[0]!.field.element;
const isReverse = (field: MappedField): boolean =>
  elementOf(field).enterpriseNumber === reverseEnterpriseNumber;
const isCounter = ({ semantics }: InformationElement): boolean =>
  semantics === 'deltaCounter' || semantics === 'totalCounter';

/** Splits bound fields by direction. */
export function directionsOf(fields: readonly MappedField[]): Directions {
  const forward = fields.filter((field) => !isReverse(field));
  const reversed = fields.filter(isReverse);
  if (reversed.length === 0) return { forward, reverse: undefined };
  const reverseOf = new Map(reversed.map((field) => [baseOf(field)!.name, field]));
  const byName = new Map(forward.map((field) => [field.elementName, field]));
  const turned = forward.flatMap((field): MappedField[] => {
    const own = reverseOf.get(field.elementName);
    if (own) {
      reverseOf.delete(field.elementName);
      return [filling(field, own)];
    }
    const other = otherEnd.get(field.elementName);
    if (other === undefined) return isForwardOnly(field) ? [] : [field];
    const there = byName.get(other);
    return [there ? filling(field, there) : onOtherEnd(field, other)];
  });
  const alone = [...reverseOf.values()].map((field) => renamed(field, [baseOf(field)!]));
  const counters = reversed.filter((field) => isCounter(baseOf(field)!));
  return {
    forward,
    reverse: { fields: [...turned, ...alone], counters: counters.length > 0 ? counters : reversed },
  };
}

const baseOf = (field: MappedField): InformationElement | undefined => {
  const { name } = elementOf(field);
  const base = name.slice('reverse'.length);
  return elementByName(base.charAt(0).toLowerCase() + base.slice(1));
};

const isForwardOnly = (field: MappedField): boolean =>
  ofOneDirection.has(field.elementName) || isCounter(elementOf(field));

/** The elements of one field, with the value of another: both have the same abstract type. */
function filling(place: MappedField, value: MappedField): MappedField {
  const { elementName, choice, elements, usually, flowVersion } = place;
  return { ...value, elementName, choice, elements, usually, flowVersion };
}

function onOtherEnd(field: MappedField, other: string): MappedField {
  const elements = field.elements.map(({ field: { element } }) => {
    const name = otherEnd.get(element.name);
    return (name === undefined ? undefined : elementByName(name)) ?? element;
  });
  return { ...renamed(field, elements), elementName: other };
}

function renamed(field: MappedField, elements: readonly InformationElement[]): MappedField {
  // The counterparts have the same abstract types, so what could be bound here can be there.
  const mapped = elements.map((element, i) => {
    const { length } = field.elements[i]!.field;
    return plainElement(element, { element: element.name, length });
  });
  return { ...field, elements: mapped, elementName: elements[0]!.name };
}
