// What means null, and what null becomes: left out of the record (another Shape), or a value that
// says "unknown".

import { EncodeError } from '../../ipfix/abstract-type.ts';
import type { InformationElement } from '../../ipfix/information-element.ts';
import { addressFromText, isAddressText } from './conversion/address-from-text.ts';
import { readValues } from './conversion/avro-values.ts';
import type { MappedElement, NullValues } from './mapped-field.ts';
import { MappingError } from './mapping-error.ts';
import type { ElementSpec, SpecValue } from './mapping-spec.ts';

// Elements whose own 0 says that nothing is known: no AS, interface, VLAN, prefix, ToS, flags.
const zeroIsUnknown: ReadonlySet<string> = new Set([
  'bgpSourceAsNumber',
  'bgpDestinationAsNumber',
  'bgpPrevAdjacentAsNumber',
  'bgpNextAdjacentAsNumber',
  'ingressInterface',
  'egressInterface',
  'vlanId',
  'postVlanId',
  'dot1qVlanId',
  'postDot1qVlanId',
  'sourceIPv4PrefixLength',
  'sourceIPv6PrefixLength',
  'destinationIPv4PrefixLength',
  'destinationIPv6PrefixLength',
  'ipClassOfService',
  'postIpClassOfService',
  'tcpControlBits',
]);

/** Whether an element has a value of its own for unknown. */
export const hasUnknownValue = (elementName: string): boolean => zeroIsUnknown.has(elementName);

// A rate of 0 is none: design of every producer that has the field.
const zeroIsNull: ReadonlySet<string> = new Set(['samplingInterval', 'samplingPacketInterval']);

interface NullMeaning {
  readonly omitNull: boolean;
  readonly nullValue: unknown;
}

/**
 * Reads `null`; `convert` brings a value as it is written to what the encoders take. Throws MappingError,
 * and takes either that or an EncodeError of `convert`.
 */
export function nullMeaning(
  nullable: boolean,
  spec: ElementSpec,
  elements: readonly MappedElement[],
  convert: (value: SpecValue) => unknown,
): NullMeaning {
  const meaning = spec.null;
  if (!nullable) {
    if (meaning === undefined || spec.optional) return { omitNull: false, nullValue: undefined };
    throw new MappingError('says what null means but cannot be null; remove "null"');
  }
  if (meaning === undefined || meaning === 'omit') return { omitNull: true, nullValue: undefined };
  const { name, type } = elements[0]!.field.element;
  const isUnknown = meaning === 'unknown' && type !== 'string';
  if (isUnknown && !elements.every(({ field }) => zeroIsUnknown.has(field.element.name))) {
    throw new MappingError(`${name} has no value of its own for unknown; set "null": "omit"`);
  }
  const scratch = Buffer.alloc(scratchOctets);
  try {
    const nullValue = isUnknown ? 0 : convert(meaning);
    for (const { encode } of elements) encode(nullValue, scratch, 0);
    return { omitNull: false, nullValue };
  } catch (error) {
    if (!(error instanceof EncodeError || error instanceof MappingError)) throw error;
    throw new MappingError(`"null": ${JSON.stringify(meaning)}: ${error.message}; or use "omit"`);
  }
}

/** More than any value of a field takes, its length octets included. */
const scratchOctets = 65_540;

/** A test for the values that mean null; undefined where there is none. Octets are not compared. */
export function meansNull(
  values: readonly SpecValue[],
  elements: readonly InformationElement[],
): NullValues {
  const all = [...values, ...(elements.some(({ name }) => zeroIsNull.has(name)) ? [0] : [])];
  if (all.length === 0) return undefined;
  const octets = elements.some(({ type }) => type === 'ipv4Address' || type === 'ipv6Address')
    ? all.flatMap((value) => addressOrNothing(value))
    : [];
  return { raw: new Set(readValues(all)), octets };
}

function addressOrNothing(value: SpecValue): Buffer[] {
  if (value === '') return [Buffer.alloc(0)];
  return typeof value === 'string' && isAddressText(value) ? [addressFromText(value)] : [];
}
