// The mapping: which Avro field becomes which Information Element, and what its null means.
// It is read from the "ipfix" attributes of an Avro schema; every fault is reported by path.
//
//   "ipfix": "octetDeltaCount"
//   "ipfix": { "element": "bgpSourceAsNumber", "null": 0, "group": "bgp" }

import { didYouMean } from '../did-you-mean.ts';
import { EncodeError, encoderFor, naturalLength, type Encode } from '../ipfix/abstract-type.ts';
import type { InformationElement } from '../ipfix/information-element.ts';
import { variableLength, type FieldSpecifier } from '../ipfix/template.ts';
import { flattenFields, type AvroField } from './avro-fields.ts';
import {
  elementChoice,
  elementNameLike,
  flowAddressNames,
  knownElementNames,
  type ElementChoice,
} from './element-choice.ts';

/** One thing that is wrong with a mapping, and how to mend it. */
export interface MappingFault {
  readonly path: string;
  readonly problem: string;
}

/** An element as one field fills it: its Field Specifier and the way to write it. */
export interface MappedElement {
  readonly field: FieldSpecifier;
  readonly encode: Encode;
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
    const mapped = mapField(avro, named);
    if ('problem' in mapped) faults.push({ path: avro.path, problem: mapped.problem });
    else fields.push(mapped);
  }
  if (faults.length === 0) faults.push(...wholeFaults(fields));
  return { fields, ignored, faults };
}

interface Named {
  readonly name: string;
  readonly mappedBy: MappedField['mappedBy'];
  readonly attribute: Record<string, unknown>;
}

function elementNameOf({ name, attribute }: AvroField): Named | undefined {
  if (typeof attribute === 'string') {
    return { name: attribute, mappedBy: 'attribute', attribute: {} };
  }
  if (typeof attribute === 'object' && attribute !== null) {
    const options = attribute as Record<string, unknown>;
    const element = options['element'];
    return {
      name: typeof element === 'string' ? element : '',
      mappedBy: 'attribute',
      attribute: options,
    };
  }
  const byName = elementNameLike(name);
  return byName === undefined ? undefined : { name: byName, mappedBy: 'name', attribute: {} };
}

function mapField(avro: AvroField, named: Named): MappedField | { problem: string } {
  const choice = elementChoice(named.name);
  if (!choice) {
    const near = didYouMean(named.name, knownElementNames());
    return {
      problem:
        `"${named.name}" is not an Information Element` +
        (near === undefined ? '; see the IANA IPFIX registry' : `; did you mean "${near}"?`),
    };
  }
  if (refusedElements.has(named.name)) {
    return { problem: `${named.name} is relative to Export Time; use an absolute time element` };
  }
  const unknown = Object.keys(named.attribute).find((key) => !attributeKeys.has(key));
  if (unknown !== undefined) {
    const near = didYouMean(unknown, attributeKeys);
    return {
      problem: `"ipfix" has no option "${unknown}"${near === undefined ? '' : `; did you mean "${near}"?`}`,
    };
  }
  const elements: MappedElement[] = [];
  for (const element of choice.by === 'nothing' ? [choice.element] : [choice.ipv4, choice.ipv6]) {
    const mapped = mapElement(avro, element);
    if (typeof mapped === 'string') return { problem: mapped };
    elements.push(mapped);
  }
  const nulls = nullMeaning(avro, named.attribute, elements);
  if ('problem' in nulls) return nulls;
  const group = named.attribute['group'];
  return {
    path: avro.path,
    read: avro.read,
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

const attributeKeys: ReadonlySet<string> = new Set(['element', 'null', 'group']);

function mapElement(avro: AvroField, element: InformationElement): MappedElement | string {
  const length = naturalLength(element.type);
  const field = { element, length: length ?? 0 };
  const encode = encoderFor(field);
  if (!encode) return `${element.name} is ${element.type}, which is not supported yet`;
  const wanted = avroFormsOf(element);
  if (!wanted.includes(avro.form)) {
    return (
      `Avro ${avro.form} cannot fill ${element.name} (${element.type}); ` +
      `use ${wanted.join(' or ')}, or map another element`
    );
  }
  if (avro.size !== undefined && length !== variableLength && avro.size !== length) {
    if (!(element.type === 'ipv4Address' || element.type === 'ipv6Address')) {
      return `fixed of ${avro.size} octets cannot fill ${element.name} (${field.length} octets)`;
    }
  }
  return { field, encode };
}

function avroFormsOf({ type }: InformationElement): readonly string[] {
  switch (type) {
    case 'string':
      return ['string', 'enum'];
    case 'boolean':
      return ['boolean'];
    case 'float32':
    case 'float64':
      return ['float', 'double'];
    case 'octetArray':
    case 'macAddress':
    case 'ipv4Address':
    case 'ipv6Address':
      return ['bytes', 'fixed'];
    case 'dateTimeSeconds':
      return ['int', 'long'];
    case 'dateTimeMilliseconds':
      return ['long (timestamp-millis)', 'long'];
    default:
      return ['int', 'long'];
  }
}

function nullMeaning(
  avro: AvroField,
  attribute: Record<string, unknown>,
  elements: readonly MappedElement[],
): { omitNull: boolean; nullValue: unknown } | { problem: string } {
  const meaning = attribute['null'];
  if (!avro.nullable) {
    if (meaning === undefined) return { omitNull: false, nullValue: undefined };
    return { problem: 'says what null means but cannot be null; remove "null"' };
  }
  if (meaning === undefined || meaning === 'omit') return { omitNull: true, nullValue: undefined };
  const scratch = Buffer.alloc(1024);
  try {
    for (const { encode } of elements) encode(meaning, scratch, 0);
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    return { problem: `"null": ${JSON.stringify(meaning)}: ${error.message}; or say "omit"` };
  }
  return { omitNull: false, nullValue: meaning };
}

// Faults that no field has alone.
function* wholeFaults(fields: readonly MappedField[]): Iterable<MappingFault> {
  const first = fields[0];
  if (!first) {
    yield {
      path: '(schema)',
      problem: 'no field maps to an Information Element; add "ipfix" attributes',
    };
  }
  const pathOf = new Map<InformationElement, string>();
  for (const { path, elements } of fields) {
    for (const { field } of elements) {
      const taken = pathOf.get(field.element);
      if (taken !== undefined) {
        yield {
          path,
          problem: `fills ${field.element.name}, as ${taken} does; map only one of them`,
        };
      }
      pathOf.set(field.element, path);
    }
  }
  const hasFlowAddress = fields.some(({ isFlowAddress }) => isFlowAddress);
  for (const { path, choice, elementName } of fields) {
    if (choice !== 'flow' || hasFlowAddress) continue;
    yield {
      path,
      problem: `${elementName} depends on the flow's IP version; map sourceAddress or destinationAddress too`,
    };
  }
  if (first && fields.every(({ omitNull }) => omitNull)) {
    yield { path: '(schema)', problem: 'every field may be absent; map one that is never null' };
  }
}
