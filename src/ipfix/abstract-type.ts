// Abstract data types (RFC 7011 §6, RFC 7012 §3.1): values to octets, in network order.
// A value that its type or length cannot hold is refused: never wrapped, never clamped.

import type { Encode } from './encode-error.ts';
import { float, inRange, signed, unsigned, writeBoolean, writeLowOctet } from './encode-number.ts';
import {
  exactOctets,
  paddedString,
  writeVariableOctets,
  writeVariableString,
} from './encode-octets.ts';
import { ntpTimestamp } from './encode-time.ts';
import {
  type AbstractType,
  type InformationElement,
  isImpossibleReverse,
  reverseEnterpriseNumber,
} from './information-element.ts';
import { variableLength, type FieldSpecifier } from './template.ts';

export { type Encode, EncodeError } from './encode-error.ts';
export { variableOctets } from './encode-octets.ts';

const integerOctets: Partial<Record<AbstractType, number>> = {
  unsigned8: 1,
  unsigned16: 2,
  unsigned32: 4,
  unsigned64: 8,
  signed8: 1,
  signed16: 2,
  signed32: 4,
  signed64: 8,
  unsigned256: 32,
};

const fixedLengths: Partial<Record<AbstractType, number>> = {
  ...integerOctets,
  float32: 4,
  float64: 8,
  boolean: 1,
  macAddress: 6,
  ipv4Address: 4,
  ipv6Address: 16,
  dateTimeSeconds: 4,
  dateTimeMilliseconds: 8,
  dateTimeMicroseconds: 8,
  dateTimeNanoseconds: 8,
};

/**
 * Returns the natural length of a type in octets: `variableLength` for string and octetArray, undefined for
 * lists.
 */
export function naturalLength(type: AbstractType): number | undefined {
  return type === 'string' || type === 'octetArray' ? variableLength : fixedLengths[type];
}

/**
 * The encoder for a field; undefined where its type cannot be encoded in that length, where it is a
 * list (field-encoder.ts), or where RFC 5103 knows no such reverse element.
 */
export function encoderFor({ element, length }: FieldSpecifier): Encode | undefined {
  const { type } = element;
  if (isImpossibleReverse(element)) return undefined;
  const octets = integerOctets[type];
  if (octets !== undefined) {
    // RFC 7011 §6.2: an integer may be sent in fewer octets, never in more.
    if (length < 1 || length > octets) return undefined;
    if (isTcpControlBits(element) && length === 1) return writeLowOctet;
    return inRange(element.range, type.startsWith('unsigned') ? unsigned(length) : signed(length));
  }
  if (type === 'string') {
    return length === variableLength ? writeVariableString : paddedString(length);
  }
  if (type === 'octetArray') {
    return length === variableLength ? writeVariableOctets : exactOctets(length);
  }
  if (type === 'float64') return length === 4 || length === 8 ? float(length) : undefined;
  if (length !== fixedLengths[type]) return undefined;
  switch (type) {
    case 'macAddress':
    case 'ipv4Address':
    case 'ipv6Address':
      return exactOctets(length);
    case 'boolean':
      return writeBoolean;
    case 'float32':
      return float(4);
    // RFC 7011 §6.1.7, §6.1.8: seconds as unsigned32, milliseconds as unsigned64, since 1970.
    case 'dateTimeSeconds':
      return unsigned(4);
    case 'dateTimeMilliseconds':
      return unsigned(8);
    case 'dateTimeMicroseconds':
      return ntpTimestamp(1_000_000n, 11n);
    case 'dateTimeNanoseconds':
      return ntpTimestamp(1_000_000_000n, 0n);
    default:
      return undefined;
  }
}

// RFC 9565 §3: tcpControlBits in one octet is the low-order octet of the field, CWR to FIN; nothing is
// said then of the four bits above.
export function isTcpControlBits({ id, enterpriseNumber }: InformationElement): boolean {
  return id === 6 && (enterpriseNumber === 0 || enterpriseNumber === reverseEnterpriseNumber);
}
