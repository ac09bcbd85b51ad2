// What a collector needs to make sense of a flow, and a mapping lacks: addresses, counters, times.

import type { InformationElement } from '../ipfix/information-element.ts';
import type { MappedField } from '../pipeline/mapping/mapped-field.ts';

const kinds: readonly (readonly [
  what: string,
  is: (element: InformationElement) => boolean,
  examples: string,
])[] = [
  [
    'address',
    ({ type, name }) => /^(?:ipv[46]|mac)Address$/.test(type) && /source|destination/i.test(name),
    'sourceAddress and destinationAddress',
  ],
  [
    'counter of octets or packets',
    ({ semantics, name }) => semantics.endsWith('Counter') && /octet|packet|byte/i.test(name),
    'octetDeltaCount and packetDeltaCount',
  ],
  [
    'time',
    ({ type, name }) =>
      (type.startsWith('dateTime') && name !== 'systemInitTimeMilliseconds') ||
      /SysUpTime$|DeltaMicroseconds$/.test(name),
    'flowStartMilliseconds and flowEndMilliseconds',
  ],
];

/** A sentence for each kind of element that is not mapped; none where nothing is. */
export function lackingKinds(fields: readonly MappedField[]): string[] {
  if (fields.length === 0) return [];
  const elements = fields.flatMap((field) => field.elements.map((one) => one.field.element));
  return kinds
    .filter(([, is]) => !elements.some(is))
    .map(
      ([what, , examples]) =>
        `no ${what} is mapped; if the events have one, map it, as to ${examples}`,
    );
}
