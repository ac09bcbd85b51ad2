// Decoded values as JSON has them: what RFC 7373 writes as text is text, lists are objects.

import type { DecodedValue, ListPart, ListValue, Value } from '../ipfix/decoder.ts';
import { semanticName } from '../ipfix/list-semantics.ts';

type JsonValue =
  number | string | boolean | null | readonly JsonValue[] | { readonly [name: string]: JsonValue };

/** Element names as keys, an array where an element comes more than once. */
export function jsonRecord(values: readonly DecodedValue[]): Record<string, JsonValue> {
  // Names may come from the exporter: none of them is to be found in a prototype.
  const record = Object.create(null) as Record<string, JsonValue>;
  const times = new Map<string, number>();
  for (const { element, value } of values) {
    const { name } = element;
    const before = times.get(name) ?? 0;
    times.set(name, before + 1);
    if (before === 0) record[name] = jsonValue(value);
    else if (before === 1) record[name] = [record[name]!, jsonValue(value)];
    else (record[name] as JsonValue[]).push(jsonValue(value));
  }
  return record;
}

/** An integer past 2^53 is a string, since most JSON readers would round it. */
export function jsonValue(value: Value): JsonValue {
  switch (typeof value) {
    case 'bigint':
      return String(value);
    case 'number':
      return Number.isFinite(value) ? value : notFinite(value);
    case 'string':
      return unpadded(value);
    case 'boolean':
      return value;
    case 'object':
      return value === null ? null : jsonList(value);
  }
}

/** Fields of fixed length are filled up with zeros by many exporters. */
function unpadded(text: string): string {
  return text.replace(/\0+$/u, '');
}

// RFC 7373 §4.4
function notFinite(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  return value > 0 ? '+inf' : '-inf';
}

// RFC 7373 §4.11 leaves lists to the format around them.
function jsonList(list: ListValue): JsonValue {
  if (list.type === 'unread') return { fault: list.fault, octets: hex(list.octets) };
  const semantic = semanticName(list.semantic);
  switch (list.type) {
    case 'basicList':
      return { semantic, element: list.element.name, values: list.values.map(jsonValue) };
    case 'subTemplateList':
      return { semantic, ...jsonPart(list) };
    case 'subTemplateMultiList':
      return { semantic, parts: list.parts.map(jsonPart) };
  }
}

function jsonPart({ templateId, records, octets }: ListPart): Record<string, JsonValue> {
  if (octets) return { templateId, octets: hex(octets) };
  return { templateId, records: records.map(({ values }) => jsonRecord(values)) };
}

const hex = (octets: Uint8Array): string => Buffer.from(octets).toString('hex');
