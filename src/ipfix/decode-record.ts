// Data Sets: octets and a Template → Data Records.

import { decodeList, isListType } from './decode-list.ts';
import { type ElementLookup, variableLength } from './decode-template.ts';
import { DecodeError, decodeScalar, lengthFault } from './decode-value.ts';
import type { DecodedRecord, DecodedTemplate, DecodedValue, Value } from './decoded-message.ts';
import type { AbstractType, InformationElement } from './information-element.ts';

/** What is known where the records are: the lists in them name Templates and elements again. */
export interface RecordContext {
  readonly octets: DataView;
  /** As it stands now; `octets`: the number that is there for its records. */
  template(templateId: number, octets: number): DecodedTemplate | undefined;
  readonly lookup: ElementLookup;
}

interface DataSet {
  readonly count: number;
  readonly paddingOctets: number;
}

// RFC 7011 §3.3.1, §3.4.3
//   Data Set    => Set Header [Data Record] [padding]
//   Data Record => [value], one for each field of the Template
//   padding     => fewer octets than any record of the Set; other values than 0 are no fault (§9.1)
/**
 * Adds the Set's records to `records`, or only counts them where that is undefined. Throws
 * DecodeError where a record does not end within the Set.
 */
export function decodeDataSet(
  context: RecordContext,
  start: number,
  end: number,
  template: DecodedTemplate,
  records: DecodedRecord[] | undefined,
): DataSet {
  const { octetsMin, variable } = template;
  if (!records && !variable) {
    const count = Math.floor((end - start) / octetsMin);
    return { count, paddingOctets: end - start - count * octetsMin };
  }
  const reader = new RecordReader(context);
  let at = start;
  let count = 0;
  // A record takes at least octetsMin octets, and that is at least 1: the loop ends.
  while (end - at >= octetsMin) {
    count += 1;
    const record = records && reader.record(template, at, end, 0);
    if (record) records.push(record);
    else if (records || !reader.skip(template, at, end)) {
      throw new DecodeError(`in record ${count}: ${reader.fault}`);
    }
    at = reader.at;
  }
  return { count, paddingOctets: end - at };
}

/**
 * Reads what lies one after the other. What is wrong is left in `fault` and not thrown: a Message has
 * room for thousands of lists with a fault each.
 */
class RecordReader {
  /** The octet after what was read last. */
  at = 0;
  fault = '';
  readonly context: RecordContext;

  constructor(context: RecordContext) {
    this.context = context;
  }

  /** undefined where the record does not end before `end`. `depth`: the number of lists around it. */
  record(
    template: DecodedTemplate,
    start: number,
    end: number,
    depth: number,
  ): DecodedRecord | undefined {
    const { templateId, options, fields } = template;
    // As long as it will be: one that grows takes four times the memory for a record of one field.
    const values = new Array<DecodedValue>(fields.length);
    this.at = start;
    for (let i = 0; i < fields.length; i += 1) {
      const { element, length } = fields[i]!;
      const value = this.value(element, length, end, depth);
      if (value === undefined) {
        this.fault = `in ${element.name}: ${this.fault}`;
        return undefined;
      }
      values[i] = { element, value };
    }
    return { templateId, options, values };
  }

  /** Passes over a record; false where it does not end before `end`. */
  skip({ fields }: DecodedTemplate, start: number, end: number): boolean {
    this.at = start;
    for (const { element, length } of fields) {
      const octets = this.#length(element.type, length, end);
      if (octets < 0) {
        this.fault = `in ${element.name}: ${this.fault}`;
        return false;
      }
      this.at += octets;
    }
    return true;
  }

  /** The value at `at`; undefined where it does not end before `end`. */
  value(
    { type }: InformationElement,
    fieldLength: number,
    end: number,
    depth: number,
  ): Value | undefined {
    const length = this.#length(type, fieldLength, end);
    if (length < 0) return undefined;
    const start = this.at;
    const value = isListType(type)
      ? decodeList(this, type, start, start + length, depth)
      : decodeScalar(this.context.octets, start, length, type);
    this.at = start + length;
    return value;
  }

  // RFC 7011 §7
  //   length => unsigned8 below 255, or 255 and unsigned16; neither counts itself
  /** Passes over a value's length and returns it; -1 where there are fewer octets. */
  #length(type: AbstractType, fieldLength: number, end: number): number {
    const { octets } = this.context;
    let length = fieldLength;
    if (fieldLength === variableLength) {
      const left = end - this.at;
      if (left < 1) return this.#wrong('the octets end before its length');
      length = octets.getUint8(this.at);
      if (length === 255 && left < 3) return this.#wrong('the octets end inside its length');
      if (length === 255) length = octets.getUint16(this.at + 1);
      this.at += octets.getUint8(this.at) === 255 ? 3 : 1;
      const fault = lengthFault(type, length);
      if (fault !== undefined) return this.#wrong(fault);
    }
    const left = end - this.at;
    return left < length ? this.#wrong(`${length} octets needed, ${left} are left`) : length;
  }

  #wrong(fault: string): -1 {
    this.fault = fault;
    return -1;
  }
}
