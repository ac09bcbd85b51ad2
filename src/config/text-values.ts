// Values written as text, in settings and on the command line alike.

import { isIP } from 'node:net';

/** A text is not the value it should be. The message goes on behind that text: what is wrong, and what to do. */
export class ValueError extends Error {
  override readonly name = 'ValueError';
}

/** Units of a duration. */
export const unitMs = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000 } as const;

/** `500ms`, `1.5s`, `10m`, `1h` → milliseconds. Throws ValueError. */
export function durationFrom(text: string, minMs: number, maxMs: number): number {
  const match = /^(\d+(?:\.\d+)?)(ms|s|m|h)$/.exec(text);
  if (!match) throw new ValueError('is not a duration; write it as 500ms, 5s or 10m');
  const ms = Number(match[1]) * unitMs[match[2] as keyof typeof unitMs];
  if (ms < minMs) throw new ValueError(`is too short; at least ${minMs}ms`);
  if (ms > maxMs) throw new ValueError(`is too long; at most ${maxMs / 1000}s`);
  return ms;
}

const unitOctets = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30 } as const;

/** `32MiB`, `65536` → octets. Throws ValueError. */
export function sizeFrom(text: string, min: number, max: number): number {
  const match = /^(\d+)\s*(KiB|MiB|GiB|)$/.exec(text);
  if (!match) throw new ValueError('is not a size; write it as 32MiB or in bytes');
  const size = Number(match[1]) * unitOctets[match[2] as keyof typeof unitOctets];
  if (size < min || size > max) {
    throw new ValueError(`is out of range; ${min} to ${max} bytes`);
  }
  return size;
}

/** Throws ValueError. */
export function wholeNumberFrom(text: string, min: number, max: number): number {
  const n = Number(text);
  if (!/^\d+$/.test(text)) throw new ValueError(`is not a whole number; ${min} to ${max}`);
  if (n < min || n > max) throw new ValueError(`is out of range; ${min} to ${max}`);
  return n;
}

export interface Listen {
  readonly host: string;
  readonly port: number;
}

// endpoint => host ":" port | "[" IPv6 address "]" ":" port;  port => 0 to 65535
/** Undefined where the text has another form. */
export function endpointFrom(text: string): Listen | undefined {
  const match = /^(?:\[([\da-f:.]+(?:%\w+)?)\]|([^:/\s[\]]+)):(\d{1,5})$/i.exec(text);
  const port = Number(match?.[3]);
  return match && port <= 65_535 ? { host: match[1] ?? match[2]!, port } : undefined;
}

export const isBroker = (text: string): boolean => (endpointFrom(text)?.port ?? 0) > 0;

/** This host itself: what is sent there leaves on no wire. */
export const isLoopback = (host: string): boolean =>
  /^(?:localhost|127(?:\.\d+){3}|\[?::1\]?)$/.test(host);

const asAddress = 'write an address of this host, such as 192.0.2.7 or 2001:db8::7';

/** An IP address to send from, an IPv6 zone included. Throws ValueError. */
export function sourceAddressFrom(text: string): string {
  if (isIP(text) === 0) throw new ValueError(sourceAddressProblem(text));
  const [address = ''] = text.split('%');
  if (/^(?:22[4-9]|23\d)\.|^255\.255\.255\.255$|^ff/i.test(address)) {
    throw new ValueError(`is a multicast or broadcast address; ${asAddress}`);
  }
  const mapped = /^::ffff:(\d+(?:\.\d+){3})$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (/^fe[89ab]/i.test(address) && address === text) {
    throw new ValueError(`is different on each link: name the interface, as in ${address}%eth0`);
  }
  return text;
}

function sourceAddressProblem(text: string): string {
  const bracketed = /^\[([^\]]*)\](?::\d+)?$/.exec(text)?.[1];
  const [beforePort = '', port] = text.split(':');
  if (bracketed !== undefined && isIP(bracketed) !== 0) {
    return `has brackets; write ${bracketed}, and the port in SOURCE_PORT`;
  }
  if (port !== undefined && isIP(beforePort) === 4) {
    return `has a port; write ${beforePort}, and the port in SOURCE_PORT`;
  }
  return `is not an IP address; ${asAddress}`;
}
