// Data Sets: octets and a Template → Data Records.

import { checkLength, DecodeError, decodeValue, type Value } from './decode-value.ts';
import { variableLength, type DecodedTemplate } from './decode-template.ts';
import type { InformationElement } from './information-element.ts';

export interface DecodedValue {
  readonly element: InformationElement;
  readonly value: Value;
}

export interface DecodedRecord {
  readonly templateId: number;
  /** Described by an Options Template. */
  readonly options: boolean;
  /** In the Template's order; an element may come more than once. */
  readonly values: readonly DecodedValue[];
}

export interface DataSet {
  /** Empty when only counting. */
  readonly records: readonly DecodedRecord[];
  readonly count: number;
  readonly paddingOctets: number;
}

// RFC 7011 §3.3.1, §3.4.3
//   Data Set    => Set Header [Data Record] [padding]
//   Data Record => [value], one for each field of the Template
//   padding     => fewer octets than any record of the Set; other values than 0 are no fault (§9.1)
export function decodeDataSet(
  octets: DataView,
  start: number,
  end: number,
  template: DecodedTemplate,
  values: boolean,
): DataSet {
  const { octetsMin, variable } = template;
  if (!values && !variable) {
    const count = Math.floor((end - start) / octetsMin);
    return { records: [], count, paddingOctets: end - start - count * octetsMin };
  }
  const records: DecodedRecord[] = [];
  let at = start;
  let count = 0;
  // A record takes at least octetsMin octets, and that is at least 1: the loop ends.
  while (end - at >= octetsMin) {
    count += 1;
    const record = decodeRecord(octets, at, end, template, values, count);
    if (values) records.push(record.record);
    at = record.end;
  }
  return { records, count, paddingOctets: end - at };
}

function decodeRecord(
  octets: DataView,
  start: number,
  end: number,
  template: DecodedTemplate,
  wanted: boolean,
  number: number,
): { record: DecodedRecord; end: number } {
  const { templateId, options, fields } = template;
  const values: DecodedValue[] = [];
  let at = start;
  for (const field of fields) {
    const { element } = field;
    let { length } = field;
    try {
      if (length === variableLength) {
        const prefix = lengthPrefix(octets, at, end);
        length = prefix.length;
        at += prefix.octets;
        checkLength(element.type, length);
      }
      if (end - at < length) {
        throw new DecodeError(`${length} octets wanted, the Set has ${end - at} left`);
      }
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      throw new DecodeError(`in record ${number}: in ${element.name}: ${error.message}`);
    }
    if (wanted) values.push({ element, value: decodeValue(octets, at, length, element.type) });
    at += length;
  }
  return { record: { templateId, options, values }, end: at };
}

// RFC 7011 §7
//   length => unsigned8 below 255, or 255 and unsigned16; neither counts itself
function lengthPrefix(
  octets: DataView,
  at: number,
  end: number,
): { length: number; octets: number } {
  if (end - at < 1) throw new DecodeError('the Set ends before its length');
  const first = octets.getUint8(at);
  if (first < 255) return { length: first, octets: 1 };
  if (end - at < 3) throw new DecodeError('the Set ends inside its length');
  return { length: octets.getUint16(at + 1), octets: 3 };
}
