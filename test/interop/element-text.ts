// The one text of a value that sent and read are compared in. Each program's own file turns what it
// shows into this form; nothing else about a program is known here.
//   numbers in decimal, octets and MAC addresses in hexadecimal, IPv6 as RFC 5952 has it,
//   times as 2023-11-14T22:13:20.123 with as many digits as are known

import type { Field } from './element-case.ts';

const fractionDigits: Partial<Record<string, number>> = {
  dateTimeSeconds: 0,
  dateTimeMilliseconds: 3,
  dateTimeMicroseconds: 6,
  dateTimeNanoseconds: 9,
};

export function textOf({ element: { type }, value }: Field): string {
  const digits = fractionDigits[type];
  if (digits !== undefined) return timeText(BigInt(value as number | bigint), digits);
  if (Array.isArray(value)) return value.map(itemText).join(',');
  if (!Buffer.isBuffer(value)) return String(value);
  if (type === 'ipv4Address') return value.join('.');
  if (type === 'ipv6Address') return ipv6Text(value);
  return type === 'macAddress' ? macText(value) : value.toString('hex');
}

/** Of a list: a value, a record, or the records of one Template; octets here are IPv4 addresses. */
function itemText(item: unknown): string {
  if (Buffer.isBuffer(item)) return item.join('.');
  if (Array.isArray(item)) return item.map(itemText).join(',');
  if (typeof item === 'object' && item !== null) {
    return itemText((item as { records: unknown }).records);
  }
  return String(item);
}

export const macText = (octets: Buffer): string => octets.toString('hex').replace(/..\B/g, '$&:');

/** As RFC 5952 has it; a URL's host is written so, and by nobody of this repository. */
export function ipv6Text(octets: Buffer): string {
  return shortIPv6((octets.toString('hex').match(/..../g) ?? []).join(':'));
}

/** Any other way to write it, made RFC 5952's. */
export const shortIPv6 = (text: string): string => new URL(`udp://[${text}]`).hostname.slice(1, -1);

/** `count` is of seconds, of milliseconds (3 digits), and so on, since 1970. */
export function timeText(count: bigint, digits: number): string {
  const perSecond = 10n ** BigInt(digits);
  const seconds = new Date(Number(count / perSecond) * 1000).toISOString().slice(0, 19);
  const fraction = String(count % perSecond).padStart(digits, '0');
  return digits === 0 ? seconds : `${seconds}.${fraction}`;
}

/** equal; equal as far as the program tells it (times are cut, never rounded); or not. */
export type Likeness = 'equal' | 'cut' | 'different';

export function likeness(field: Field, shown: string): Likeness {
  const sent = textOf(field);
  if (shown === sent) return 'equal';
  if (fractionDigits[field.element.type] === undefined) return 'different';
  const [sentSeconds, sentFraction = ''] = sent.split('.');
  const [seconds, fraction = ''] = shown.split('.');
  if (seconds !== sentSeconds) return 'different';
  // Of what is finer than the element, nothing was said: the NTP forms of microseconds have such digits.
  if (fraction.length >= sentFraction.length) {
    return fraction.startsWith(sentFraction) ? 'equal' : 'different';
  }
  return sentFraction.startsWith(fraction) ? 'cut' : 'different';
}
