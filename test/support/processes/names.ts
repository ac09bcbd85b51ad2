// What names stand for, set from outside: loaded with --import before the stage, in its Workers'
// threads too. The variable NAMES says it, as "collector.test=::1 127.0.0.1".

import dns from 'node:dns/promises';
import { syncBuiltinESMExports } from 'node:module';
import { isIPv6 } from 'node:net';

const [name = '', addresses = ''] = (process.env['NAMES'] ?? '').split('=');
const { lookup } = dns;

const named = (host: string, ...rest: unknown[]): unknown => {
  if (host !== name) return Reflect.apply(lookup, dns, [host, ...rest]);
  return Promise.resolve(
    addresses.split(' ').map((address) => ({ address, family: isIPv6(address) ? 6 : 4 })),
  );
};
Reflect.set(dns, 'lookup', named);
syncBuiltinESMExports();
