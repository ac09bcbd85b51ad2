// Durations, sizes, numbers and endpoints as text: one grammar for settings and for the command line.

import { describe, expect, test } from 'vitest';
import {
  durationFrom,
  endpointFrom,
  isBroker,
  sizeFrom,
  sourceAddressFrom,
  ValueError,
  wholeNumberFrom,
} from '../../src/config/text-values.ts';

describe('a duration', () => {
  test.each([
    ['500ms', 500],
    ['1.5s', 1_500],
    ['10m', 600_000],
    ['24h', 86_400_000],
  ])('of %s is %d milliseconds', (text, ms) => expect(durationFrom(text, 1, 1e9)).toBe(ms));

  test.each(['', '5', '-1s', '1.s', '.5s', '5 s', '5S', '1d'])('is not written %j', (text) =>
    expect(() => durationFrom(text, 1, 1e9)).toThrow(
      new ValueError('is not a duration; write it as 500ms, 5s or 10m'),
    ),
  );

  test('has bounds', () => {
    expect(() => durationFrom('0s', 1, 1_000)).toThrow('is too short; at least 1ms');
    expect(() => durationFrom('1001ms', 1, 1_000)).toThrow('is too long; at most 1s');
  });
});

describe('a size', () => {
  test.each([
    ['65536', 65_536],
    ['2KiB', 2_048],
    ['4MiB', 4_194_304],
    ['1 GiB', 2 ** 30],
  ])('of %s is %d octets', (text, octets) => expect(sizeFrom(text, 1, 2 ** 40)).toBe(octets));

  test.each(['', '4GB', '1.5MiB', '-1', '4kib'])('is not written %j', (text) =>
    expect(() => sizeFrom(text, 1, 2 ** 40)).toThrow('is not a size; write it as 32MiB'),
  );

  test.each(['0', '3KiB'])('of %s is out of bounds', (text) =>
    expect(() => sizeFrom(text, 1, 2_048)).toThrow('is out of range; 1 to 2048 bytes'),
  );
});

test('a whole number has digits only, and bounds', () => {
  expect(wholeNumberFrom('10', 1, 10)).toBe(10);
  for (const text of ['', '1.5', '1e1', '0x1', '-1', ' 1']) {
    expect(() => wholeNumberFrom(text, 1, 10)).toThrow('is not a whole number; 1 to 10');
  }
  for (const text of ['0', '11']) {
    expect(() => wholeNumberFrom(text, 1, 10)).toThrow('is out of range; 1 to 10');
  }
});

test.each([
  ['0.0.0.0:4739', { host: '0.0.0.0', port: 4739 }],
  ['[::1]:0', { host: '::1', port: 0 }],
  ['[fe80::1%eth0]:1', { host: 'fe80::1%eth0', port: 1 }],
  ['localhost:99', { host: 'localhost', port: 99 }],
  ['4739', undefined],
  ['::1:4739', undefined],
  ['a:65536', undefined],
  [':1', undefined],
  ['a b:1', undefined],
  ['a/b:1', undefined],
  ['[a:1', undefined],
])('the endpoint %s is %j', (text, endpoint) => {
  expect(endpointFrom(text)).toEqual(endpoint);
});

test('a broker has a port that is not 0', () => {
  expect(['kafka:9092', '[::1]:9092'].every(isBroker)).toBe(true);
  expect(['kafka:0', 'kafka', ':9092'].some(isBroker)).toBe(false);
});

describe('an address to send from', () => {
  test.each([
    ['192.0.2.7', '192.0.2.7'],
    ['2001:db8::7', '2001:db8::7'],
    ['fe80::7%eth0', 'fe80::7%eth0'],
    ['::ffff:192.0.2.7', '192.0.2.7'],
    ['0.0.0.0', '0.0.0.0'],
  ])('is %s', (text, address) => expect(sourceAddressFrom(text)).toBe(address));

  test.each([
    ['garbage', 'is not an IP address; write an address of this host, such as 192.0.2.7'],
    ['eth0', 'is not an IP address; write an address of this host, such as 192.0.2.7'],
    ['192.0.2.256', 'is not an IP address; write an address of this host, such as 192.0.2.7'],
    ['192.0.2.7:2000', 'has a port; write 192.0.2.7, and the port in SOURCE_PORT'],
    ['[::1]', 'has brackets; write ::1, and the port in SOURCE_PORT'],
    ['[2001:db8::7]:2000', 'has brackets; write 2001:db8::7, and the port in SOURCE_PORT'],
    ['239.1.2.3', 'is a multicast or broadcast address; write an address of this host'],
    ['ff02::1%eth0', 'is a multicast or broadcast address; write an address of this host'],
    ['255.255.255.255', 'is a multicast or broadcast address; write an address of this host'],
    ['fe80::7', 'is different on each link: name the interface, as in fe80::7%eth0'],
  ])('is not %s', (text, problem) => expect(() => sourceAddressFrom(text)).toThrow(problem));
});
