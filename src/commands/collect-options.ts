// How the `collect` command reads its arguments.

import { InvalidArgumentError } from 'commander';

// listen => host ":" port | "[" IPv6 address "]" ":" port;  port => 0 to 65535
export function parseListen(text: string): { host: string; port: number } {
  const match = /^(?:\[([0-9A-Fa-f:.%\w]+)\]|([^[\]:\s]+)):(\d{1,5})$/.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65535) {
    throw new InvalidArgumentError('It is host:port, such as 0.0.0.0:4739 or [::1]:4739.');
  }
  return { host, port };
}

const milliseconds: Readonly<Record<string, number>> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 };

/** In milliseconds. */
export function parseDuration(text: string): number {
  const match = /^(\d+)(ms|s|m|h)$/.exec(text);
  const duration = Number(match?.[1]) * (milliseconds[match?.[2] ?? ''] ?? NaN);
  // setTimeout takes anything longer for 1 ms.
  if (!(duration > 0 && duration < 2 ** 31)) {
    throw new InvalidArgumentError('It is a duration, such as 500ms, 5s or 10m.');
  }
  return duration;
}

const octetUnits: Readonly<Record<string, number>> = { '': 1, KiB: 2 ** 10, MiB: 2 ** 20 };

export function parseOctets(text: string): number {
  const match = /^(\d+)(KiB|MiB|)$/.exec(text);
  const octets = Number(match?.[1]) * (octetUnits[match?.[2] ?? ''] ?? NaN);
  if (!(octets >= 1 && octets < 2 ** 31)) {
    throw new InvalidArgumentError('It is a number of octets, such as 4194304 or 4MiB.');
  }
  return octets;
}

export function parseCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(count >= 1 && Number.isSafeInteger(count))) {
    throw new InvalidArgumentError('It is a whole number from 1.');
  }
  return count;
}
