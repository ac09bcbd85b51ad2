// What COLLECTORS may say, and for all else a sentence that says what to write instead.

import { expect, test } from 'vitest';
import { collectorFrom } from '../../src/config/collector-setting.ts';
import { ValueError } from '../../src/config/text-values.ts';

test.each([
  ['ipfix://192.0.2.1:4739', { host: '192.0.2.1', port: 4739 }],
  ['IPFIX://Collector.example', { host: 'Collector.example', port: 4739 }],
  ['ipfix://collector.example.:2055/', { host: 'collector.example.', port: 2055 }],
  ['ipfix://[2001:db8::1]:9995', { host: '2001:db8::1', port: 9995 }],
  ['ipfix://[fe80::1%25eth0]:9995', { host: 'fe80::1%eth0', port: 9995 }],
  ['ipfix://[fe80::1%2]', { host: 'fe80::1%2', port: 4739 }],
  ['ipfix://[::ffff:127.0.0.1]', { host: '127.0.0.1', port: 4739 }],
  ['ipfix://[::FFFF:C000:0201]:1', { host: '192.0.2.1', port: 1 }],
  ['ipfix://1host.example', { host: '1host.example', port: 4739 }],
  ['File:/var/flows', { file: '/var/flows' }],
])('%s is %j', (text, collector) => {
  expect(collectorFrom(text)).toEqual(collector);
});

test.each([
  ['192.0.2.1:4739', 'is not a collector; write it as ipfix://host:4739 or file:path'],
  ['localhost:4739', 'is not a collector; write it as ipfix://host:4739 or file:path'],
  ['ipfix:host', 'is not a collector; write it as ipfix://host:4739 or file:path'],
  ['udp://h:1', 'has the scheme udp: IPFIX is always sent by UDP; write ipfix://host:4739'],
  [
    'netflow9://h:1',
    'asks for netflow9, which is not supported: only IPFIX is sent; write ipfix://host:4739 for a collector that reads IPFIX',
  ],
  ['tcp://h:1', 'asks for tcp: only UDP is supported; write ipfix://host:4739'],
  ['ipfix+tls://h', 'asks for ipfix+tls: only UDP is supported; write ipfix://host:4739'],
  ['http://h', 'has the unknown scheme http; write ipfix://host:4739, or file:path'],
  [
    'ipfix://user:secret@h',
    'has a user before "@", which IPFIX does not support; write ipfix://host:4739',
  ],
  [
    'ipfix://::1:4740',
    'has an IPv6 address without brackets; write it as ipfix://[2001:db8::1]:4739',
  ],
  [
    'ipfix://2001:db8::1',
    'has an IPv6 address without brackets; write it as ipfix://[2001:db8::1]:4739',
  ],
  ['ipfix://[::1', 'has an IPv6 address without brackets; write it as ipfix://[2001:db8::1]:4739'],
  ['ipfix://a[b', 'has brackets in the wrong place; write it as ipfix://[2001:db8::1]:4739'],
  ['ipfix://', 'does not name a host; write it as ipfix://host:4739'],
  ['ipfix://:4739', 'does not name a host; write it as ipfix://host:4739'],
  ['ipfix://h:', 'has no port after ":"; write it as ipfix://host:4739'],
  ['ipfix://h:ipfix', 'has a port that is not a number; write 1 to 65535'],
  ['ipfix://h:0', 'has a port out of range; 1 to 65535'],
  [
    'ipfix://h:4739/x',
    'has a path after the host, which IPFIX does not support; write ipfix://host:4739',
  ],
  [
    'ipfix://h?x',
    'has a path after the host, which IPFIX does not support; write ipfix://host:4739',
  ],
  ['ipfix://a b', 'has a host with a blank or "%"; write ipfix://host:4739'],
  [
    'ipfix://0.0.0.0',
    'has 0.0.0.0, which is not the address of a host; write ipfix://127.0.0.1:4739 for this host',
  ],
  [
    'ipfix://[::]:1',
    'has ::, which is not the address of a host; write ipfix://[::1]:4739 for this host',
  ],
  [
    'ipfix://[::ffff:0.0.0.0]',
    'has 0.0.0.0, which is not the address of a host; write ipfix://127.0.0.1:4739 for this host',
  ],
  [
    'ipfix://192.0.2.256',
    'has "192.0.2.256", which is not an IPv4 address; write four numbers from 0 to 255',
  ],
  ['ipfix://10.1', 'has "10.1", which is not an IPv4 address; write four numbers from 0 to 255'],
  [
    'ipfix://0x7f000001',
    'has "0x7f000001", which is not an IPv4 address; write four numbers from 0 to 255',
  ],
  ['ipfix://[192.0.2.1]', 'has an IPv4 address in brackets; write it as ipfix://192.0.2.1:4739'],
  [
    'ipfix://[host]',
    'has "host" in brackets, which is not an IPv6 address; write it as ipfix://[2001:db8::1]:4739',
  ],
  [
    'ipfix://[fe80::1]',
    'has fe80::1, which is different on each link: name the interface, as in ipfix://[fe80::1%25eth0]:4739',
  ],
  [
    'ipfix://[2001:db8::1%25eth0]',
    'has a zone after 2001:db8::1, which is not a link-local address; write ipfix://[2001:db8::1]:4739',
  ],
  [
    'ipfix://[fe80::1%25]',
    'has the zone "", which is not an interface; write it as ipfix://[fe80::1%25eth0]:4739',
  ],
  ['ipfix://240.0.0.1', "has 240.0.0.1, which is reserved; write the collector's own address"],
])('%s %s', (text, problem) => {
  expect(() => collectorFrom(text)).toThrow(new ValueError(problem));
});

test.each(['239.1.1.1', '[ff02::1]', '[ff02::1%25eth0]', '255.255.255.255', '[::ffff:224.0.0.1]'])(
  'nobody can refuse at %s',
  (host) => {
    expect(() => collectorFrom(`ipfix://${host}:4739`)).toThrow(
      /^has the (multi|broad)cast address .*: no refusal is possible there, .*; write the address of one/,
    );
  },
);
