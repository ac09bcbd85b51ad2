// What can be said of the flows of an Observation Domain beside them: which fields are Flow Keys, of
// what type enterprise elements are, how packets were sampled. Each only where the operator asks for it.

import {
  abstractTypes,
  type InformationElement,
  isValidPair,
  reverseEnterpriseNumber,
  semanticsNames,
} from '../../ipfix/information-element.ts';
import type { Template } from '../../ipfix/template.ts';
import { elementChoice } from '../mapping/element-choice.ts';
import { optionsLayout, type OptionsRecords, type OptionsRow } from './options-records.ts';

export interface DomainOptions {
  /** Names of elements, or of pairs as `sourceAddress`, or `PEN/id`; empty: nothing is said. */
  readonly flowKeys: readonly string[];
  readonly elementTypes: boolean;
  /** One packet in this number was sampled, in the whole domain; undefined: nothing is sent. */
  readonly samplingRate: number | undefined;
}

/** The records for the Templates in use. */
export function domainRecords(
  { flowKeys, elementTypes, samplingRate }: DomainOptions,
  templates: readonly Template[],
): OptionsRecords[] {
  const flows = templates.filter(({ scopeFieldCount }) => scopeFieldCount === undefined);
  const records: OptionsRecords[] = [];
  if (flowKeys.length > 0) records.push(flowKeyRecords(flows, flowKeys));
  if (elementTypes) records.push(elementTypeRecords(flows));
  if (samplingRate !== undefined) records.push(samplingRecords(samplingRate));
  return records;
}

// RFC 7011 §4.4
const flowKeysLayout = optionsLayout(['templateId'], ['flowKeyIndicator']);
const indicatorBits = 64;

// flowKeyIndicator => unsigned64; bit n, from the least significant one, is the field n of the Template
function flowKeyRecords(flows: readonly Template[], keys: readonly string[]): OptionsRecords {
  const names = new Set(keys.flatMap(elementNames));
  const rows: OptionsRow[] = [];
  for (const { id, fields } of flows) {
    let indicator = 0n;
    fields.forEach(({ element }, i) => {
      if (isNamed(element, names)) indicator |= 1n << BigInt(i);
    });
    // With a key that the indicator has no bit for, what it says would be another set of keys.
    const isWhole = indicator < 1n << BigInt(indicatorBits);
    if (indicator !== 0n && isWhole) rows.push([id, indicator]);
  }
  return { layout: flowKeysLayout, rows };
}

const elementNames = (key: string): string[] =>
  elementChoice(key)?.elements.map(({ name }) => name) ?? [key];

const isNamed = ({ name, enterpriseNumber, id }: InformationElement, names: Set<string>): boolean =>
  names.has(name) || names.has(`${enterpriseNumber}/${id}`);

// RFC 5610 §3.9, in the order of its Appendix A. Units and ranges are left out, as they should be where a mapping states none; the
// description may be.
const elementTypesLayout = optionsLayout(
  ['privateEnterpriseNumber', 'informationElementId'],
  ['informationElementDataType', 'informationElementSemantics', 'informationElementName'],
);

// Not of IANA's elements, nor of their reverse: what a collector should know already is not sent.
function elementTypeRecords(flows: readonly Template[]): OptionsRecords {
  const told = new Map<string, OptionsRow>();
  for (const { element } of flows.flatMap(({ fields }) => fields)) {
    const { enterpriseNumber, id, name, type } = element;
    if (enterpriseNumber === 0 || enterpriseNumber === reverseEnterpriseNumber) continue;
    const number = abstractTypes.indexOf(type);
    const row = [enterpriseNumber, id, number, semanticsNumber(element), name];
    told.set(`${enterpriseNumber}/${id}`, told.get(`${enterpriseNumber}/${id}`) ?? row);
  }
  return { layout: elementTypesLayout, rows: [...told.values()] };
}

/** RFC 5610 §3.10: a pair of type and semantics that is not valid is never sent. */
function semanticsNumber({ type, semantics }: InformationElement): number {
  const number = semanticsNames.indexOf(semantics);
  return number > 0 && isValidPair(type, number) ? number : 0;
}

// RFC 5476 §6.5.2.1, elements of RFC 5477: count-based sampling takes `interval` packets, then
// passes over `space`.
const samplingLayout = optionsLayout(
  ['selectorId'],
  ['selectorAlgorithm', 'samplingPacketInterval', 'samplingPacketSpace'],
);
const onlySelector = 1;
const systematicCountBased = 1;

const samplingRecords = (rate: number): OptionsRecords => ({
  layout: samplingLayout,
  rows: [[onlySelector, systematicCountBased, 1, rate - 1]],
});
