// The lists of RFC 6313: octets → what is in them. What is not a list is kept as octets, with the reason: the
// record around it is whole no less.

import { decodeFieldSpecifier, type ElementLookup } from './decode-template.ts';
import type {
  DecodedRecord,
  DecodedTemplate,
  ListPart,
  ListValue,
  UnreadList,
  Value,
} from './decoded-message.ts';
import type { AbstractType, InformationElement } from './information-element.ts';

type ListType = 'basicList' | 'subTemplateList' | 'subTemplateMultiList';

export const isListType = (type: AbstractType): type is ListType =>
  type === 'basicList' || type === 'subTemplateList' || type === 'subTemplateMultiList';

/** Whoever reads records reads what lies in lists too. */
interface Reader {
  at: number;
  fault: string;
  readonly context: {
    readonly octets: DataView;
    template(templateId: number, octets: number): DecodedTemplate | undefined;
    readonly lookup: ElementLookup;
  };
  record(
    template: DecodedTemplate,
    start: number,
    end: number,
    depth: number,
  ): DecodedRecord | undefined;
  value(element: InformationElement, length: number, end: number, depth: number): Value | undefined;
}

/** Lists within lists that are read; what lies deeper is kept as octets. */
const depthMax = 16;

/** Fewest octets: the semantic, and what comes before the first item. */
const octetsMin: Readonly<Record<ListType, number>> = {
  basicList: 5,
  subTemplateList: 3,
  subTemplateMultiList: 1,
};

const noOctets = new Uint8Array(0);

/** What no octets are read as. A Message has room for very many of them, so they share it. */
const unreadEmpty: Readonly<Record<ListType, UnreadList>> = {
  basicList: { type: 'unread', fault: 'a basicList cannot be empty', octets: noOctets },
  subTemplateList: { type: 'unread', fault: 'a subTemplateList cannot be empty', octets: noOctets },
  subTemplateMultiList: {
    type: 'unread',
    fault: 'a subTemplateMultiList cannot be empty',
    octets: noOctets,
  },
};

/** Reads the list from `start` to `end`; `depth`: the number of others around it. */
export function decodeList(
  reader: Reader,
  type: ListType,
  start: number,
  end: number,
  depth: number,
): ListValue {
  if (start === end) return unreadEmpty[type];
  const list = listOrFault(reader, type, start, end, depth);
  if (typeof list !== 'string') return list;
  return { type: 'unread', fault: list, octets: view(reader, start, end) };
}

function listOrFault(
  reader: Reader,
  type: ListType,
  start: number,
  end: number,
  depth: number,
): ListValue | string {
  if (depth >= depthMax) return `within ${depthMax} other lists`;
  if (end - start < octetsMin[type]) return `${end - start} octets are not ${type}`;
  switch (type) {
    case 'basicList':
      return basicList(reader, start, end, depth + 1);
    case 'subTemplateList': {
      const { octets } = reader.context;
      const semantic = octets.getUint8(start);
      const part = listPart(reader, octets.getUint16(start + 1), start + 3, end, depth + 1);
      return typeof part === 'string' ? part : { type, semantic, ...part };
    }
    case 'subTemplateMultiList':
      return multiList(reader, start, end, depth + 1);
  }
}

// RFC 6313 §4.5.1
//   basicList => semantic Field Specifier [value]
function basicList(reader: Reader, start: number, end: number, depth: number): ListValue | string {
  const { octets, lookup } = reader.context;
  const semantic = octets.getUint8(start);
  const specifier = decodeFieldSpecifier(octets, start + 1, end, lookup);
  if (typeof specifier === 'string') return specifier;
  const { element, length } = specifier;
  const values: Value[] = [];
  // Each item takes at least one octet, of its own or of its length: the loop ends.
  for (reader.at = specifier.end; reader.at < end;) {
    const value = reader.value(element, length, end, depth);
    if (value === undefined) return `in item ${values.length + 1}: ${reader.fault}`;
    values.push(value);
  }
  return { type: 'basicList', semantic, element, values };
}

// RFC 6313 §4.5.3
//   subTemplateMultiList => semantic [template_id length [Data Record]]
//   length => unsigned16, template_id and itself included; 0 where the list has no records at all
function multiList(reader: Reader, start: number, end: number, depth: number): ListValue | string {
  const { octets } = reader.context;
  const parts: ListPart[] = [];
  for (let at = start + 1; at < end;) {
    const where = `in part ${parts.length + 1}`;
    if (end - at < 4) return `${where}: ${end - at} octets are too few for Template ID and length`;
    const length = octets.getUint16(at + 2) || 4;
    if (length < 4 || length > end - at) return `${where}: ${length} octets of ${end - at}`;
    const part = listPart(reader, octets.getUint16(at), at + 4, at + length, depth);
    if (typeof part === 'string') return `${where}: ${part}`;
    parts.push(part);
    at += length;
  }
  return { type: 'subTemplateMultiList', semantic: octets.getUint8(start), parts };
}

function listPart(
  reader: Reader,
  templateId: number,
  start: number,
  end: number,
  depth: number,
): ListPart | string {
  const template = reader.context.template(templateId, end - start);
  if (!template) return { templateId, records: [], octets: view(reader, start, end) };
  const records: DecodedRecord[] = [];
  // A record takes at least one octet, as its Template's `octetsMin` does.
  for (let at = start; at < end; at = reader.at) {
    const record = reader.record(template, at, end, depth);
    if (!record) return `in record ${records.length + 1}: ${reader.fault}`;
    records.push(record);
  }
  return { templateId, records, octets: undefined };
}

function view({ context: { octets } }: Reader, start: number, end: number): Uint8Array {
  if (start === end) return noOctets;
  return new Uint8Array(octets.buffer, octets.byteOffset + start, end - start);
}
