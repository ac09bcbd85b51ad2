// The mapping: which Avro field becomes which Information Element, and what its null means.
// It is read from the "ipfix" attributes of an Avro schema; every fault is reported by path.
//
//   "ipfix": "octetDeltaCount"
//   "ipfix": { "element": "bgpSourceAsNumber", "null": 0, "group": "bgp" }
//   "ipfix": { "element": "samplingInterval", "null": "omit", "nullValues": [0] }

import { didYouMean } from '../did-you-mean.ts';
import type { InformationElement } from '../ipfix/information-element.ts';
import { flattenFields, type AvroField } from './avro-fields.ts';
import {
  elementChoice,
  elementNameLike,
  flowAddressNames,
  knownElementNames,
  type ElementChoice,
} from './element-choice.ts';
import { mapElement, type MappedElement, nullMeaning } from './field-fit.ts';

/** One thing that is wrong with a mapping, and how to mend it. */
export interface MappingFault {
  readonly path: string;
  readonly problem: string;
}

export interface MappedField {
  readonly path: string;
  readonly read: (event: unknown) => unknown;
  /** Where the element's name came from. */
  readonly mappedBy: 'attribute' | 'name';
  readonly elementName: string;
  readonly choice: ElementChoice['by'];
  /** One element, or two: IPv4's and IPv6's. */
  readonly elements: readonly MappedElement[];
  readonly usually: 'ipv4' | 'flow';
  /** Null leaves the element out of the record: another Shape. */
  readonly omitNull: boolean;
  /** What stands for null where it is not left out. */
  readonly nullValue: unknown;
  /** Fields of one group are expected to be null together. */
  readonly group: string;
  /** The flow's IP version is that of this address. */
  readonly isFlowAddress: boolean;
}

export interface Mapping {
  readonly fields: readonly MappedField[];
  /** Paths that no element was found for. */
  readonly ignored: readonly string[];
  readonly faults: readonly MappingFault[];
}

/** Elements relative to Export Time: a Message that is sent again would change their meaning. */
const refusedElements = new Set(['flowStartDeltaMicroseconds', 'flowEndDeltaMicroseconds']);

/** Reads the mapping out of a parsed Avro schema. Faults are collected, never thrown. */
export function mappingFromSchema(schema: unknown): Mapping {
  const faults: MappingFault[] = [];
  const ignored: string[] = [];
  const fields: MappedField[] = [];
  const avroFields = flattenFields(schema);
  if (avroFields === undefined) {
    return { fields, ignored, faults: [{ path: '(schema)', problem: 'is not an Avro record' }] };
  }
  for (const avro of avroFields) {
    const named = elementNameOf(avro);
    if (named === undefined) {
      ignored.push(avro.path);
      continue;
    }
    const mapped = 'problem' in named ? named : mapField(avro, named);
    if ('problem' in mapped) faults.push({ path: avro.path, problem: mapped.problem });
    else fields.push(mapped);
  }
  faults.push(...sharedElements(fields));
  // With a field missing for its own fault, these would blame the others.
  if (faults.length === 0) faults.push(...wholeFaults(fields));
  return { fields, ignored, faults };
}

interface Named {
  readonly name: string;
  readonly mappedBy: MappedField['mappedBy'];
  readonly attribute: Record<string, unknown>;
}

function elementNameOf({ name, attribute }: AvroField): Named | undefined | { problem: string } {
  if (typeof attribute === 'string') {
    return { name: attribute, mappedBy: 'attribute', attribute: {} };
  }
  const options = optionsOf(attribute);
  if (typeof options === 'string') return { problem: options };
  const { element } = options;
  if (typeof element === 'string') {
    return { name: element, mappedBy: 'attribute', attribute: options };
  }
  const byName = elementNameLike(name);
  if (byName !== undefined) return { name: byName, mappedBy: 'name', attribute: options };
  if (attribute === undefined) return undefined;
  return { problem: '"ipfix" names no element; add "element"' };
}

/** The options of an attribute's long form, none for a field without one; or what is wrong. */
function optionsOf(attribute: unknown): Record<string, unknown> | string {
  if (attribute === undefined) return {};
  if (typeof attribute !== 'object' || attribute === null || Array.isArray(attribute)) {
    return '"ipfix" is neither an element\'s name nor an object with one';
  }
  const unknown = Object.keys(attribute).find((key) => !attributeKeys.has(key));
  if (unknown === undefined) return { ...attribute };
  return `"ipfix" has no option "${unknown}"${suggestion(unknown, attributeKeys)}`;
}

function suggestion(wrong: string, names: Iterable<string>, otherwise = ''): string {
  const near = didYouMean(wrong, names);
  return near === undefined ? otherwise : `; did you mean "${near}"?`;
}

function mapField(avro: AvroField, named: Named): MappedField | { problem: string } {
  const choice = elementChoice(named.name);
  if (!choice) {
    const mend = suggestion(named.name, knownElementNames(), '; see the IANA IPFIX registry');
    return { problem: `"${named.name}" is not an Information Element${mend}` };
  }
  if (refusedElements.has(named.name)) {
    return { problem: `${named.name} is relative to Export Time; use an absolute time element` };
  }
  const elements: MappedElement[] = [];
  const alternatives = choice.by === 'nothing' ? [choice.element] : [choice.ipv4, choice.ipv6];
  for (const element of alternatives) {
    const mapped = mapElement(avro, element, alternatives);
    if (typeof mapped === 'string') return { problem: mapped };
    elements.push(mapped);
  }
  const nulls = nullMeaning(avro, named.attribute, elements);
  if ('problem' in nulls) return nulls;
  const group = named.attribute['group'];
  return {
    path: avro.path,
    mappedBy: named.mappedBy,
    elementName: named.name,
    choice: choice.by,
    elements,
    usually: choice.by === 'nothing' ? 'flow' : choice.usually,
    ...nulls,
    group: typeof group === 'string' ? group : avro.path,
    isFlowAddress: flowAddressNames.has(named.name),
  };
}

const attributeKeys: ReadonlySet<string> = new Set(['element', 'null', 'nullValues', 'group']);

function* sharedElements(fields: readonly MappedField[]): Iterable<MappingFault> {
  const pathOf = new Map<InformationElement, string>();
  for (const { path, elements } of fields) {
    for (const { field } of elements) {
      const { name } = field.element;
      const taken = pathOf.get(field.element);
      if (taken !== undefined) {
        yield { path, problem: `fills ${name}, as ${taken} does; map only one of them` };
      }
      pathOf.set(field.element, path);
    }
  }
}

// Faults that no field has alone.
function* wholeFaults(fields: readonly MappedField[]): Iterable<MappingFault> {
  const whole = (problem: string): MappingFault => ({ path: '(schema)', problem });
  if (fields.length === 0) {
    yield whole('no field maps to an Information Element; add "ipfix" attributes');
  } else if (fields.every(({ omitNull }) => omitNull)) {
    yield whole('every field may be absent; map one that is never null');
  }
  if (fields.some(({ isFlowAddress }) => isFlowAddress)) return;
  for (const { path, choice, elementName } of fields) {
    if (choice !== 'flow') continue;
    const mend = 'map sourceAddress or destinationAddress too';
    yield { path, problem: `${elementName} depends on the flow's IP version; ${mend}` };
  }
}
