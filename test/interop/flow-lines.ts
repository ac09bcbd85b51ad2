// Flows as lines of text, of an event and of what a program shows of it, with the elements that the
// program knows: equal flows, equal lines. What the contract makes of an event is told by the oracle's
// table, never by the stage's mapping.

import type { FlowEvent } from '../../src/generator/flow-event.ts';
import { elementById } from '../../src/ipfix/information-element.ts';
import { flowMapping } from '../support/oracles/naive-message.ts';
import type { Field } from './element-case.ts';
import type { Shown } from './element-reader.ts';
import { textOf } from './element-text.ts';

/** The elements that an event fills, null being what the contract says. */
function fieldsOf(event: FlowEvent): Field[] {
  return flowMapping.flatMap(({ field, id, by, length = 65_535, whenNull, meansNull }) => {
    const given = event[field];
    const value = given === meansNull ? whenNull : (given ?? whenNull);
    if (value === 'omit' || value === undefined) return [];
    const address = by === 'flow' ? event.sourceAddress : value;
    const isIPv6 = Buffer.isBuffer(address) && address.length === 16;
    const element = elementById(0, typeof id === 'number' ? id : id[isIPv6 ? 1 : 0])!;
    return [{ element, length, value }];
  });
}

/** Whether a program shows an element at all; of a flow, where that depends on it. */
export type Knows = (element: string, event?: FlowEvent) => boolean;

export function lineOfEvent(event: FlowEvent, knows: Knows): string {
  const fields = fieldsOf(event).filter(({ element: { name } }) => knows(name, event));
  return line(fields.map((field) => [field.element.name, textOf(field)]));
}

const versions = ['IPv4', 'IPv6'];
const names = flowMapping.flatMap(({ id }) =>
  (typeof id === 'number' ? [id] : id).map((one) => elementById(0, one)!),
);

export function lineOfShown(shown: Shown, knows: Knows): string {
  const textsOf = (name: string): string | undefined => {
    const element = names.find((one) => one.name === name)!;
    return shown({ element, length: 0, value: undefined }, 0);
  };
  // Prefixes and ICMP types have no version of their own in what programs show: it is the flow's.
  const version = textsOf('sourceIPv6Address') === undefined ? 'IPv4' : 'IPv6';
  const other = versions.find((one) => one !== version)!;
  const known = names.filter(
    ({ name }) => knows(name) && !(isOfFlow(name) && name.includes(other)),
  );
  return line(known.map(({ name }) => [name, textsOf(name) ?? '']));
}

const isOfFlow = (name: string): boolean => /PrefixLength|icmp/.test(name);

/** Of what is not there, programs show a nought of its kind; so null and nought are one here. */
const nought = /^(?:0|0\.0\.0\.0|::|00:00:00:00:00:00|)$/;

function line(parts: readonly (readonly [name: string, text: string])[]): string {
  return parts
    .filter(([, text]) => !nought.test(text))
    .map(([name, text]) => `${name}=${text.replace(/(T\d\d:\d\d:\d\d)\.?(\d*?)0*$/, '$1.$2')}`)
    .sort()
    .join(' ');
}
