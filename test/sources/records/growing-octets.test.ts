// Octets that are appended to, grow, and are used again.

import { expect, test } from 'vitest';
import { GrowingOctets } from '../../../src/sources/records/growing-octets.ts';

const contentOf = ({ octets, length }: GrowingOctets): string =>
  octets.toString('latin1', 0, length);

test('what was appended stays in its order when the room has to grow', () => {
  const growing = new GrowingOctets(4);
  for (const part of ['abc', 'defgh', '', 'i'.repeat(40)]) growing.append(Buffer.from(part));
  expect(contentOf(growing)).toBe(`abcdefgh${'i'.repeat(40)}`);
});

test('reserve gives at least the room that was asked for, and keeps what is there', () => {
  const growing = new GrowingOctets(4);
  growing.append(Buffer.from('abc'));
  growing.reserve(100);
  expect(growing.octets.length).toBeGreaterThanOrEqual(103);
  expect(contentOf(growing)).toBe('abc');
});

test('reserve of room that is already there changes nothing', () => {
  const growing = new GrowingOctets(4);
  const { octets } = growing;
  growing.reserve(4);
  expect(growing.octets).toBe(octets);
});

test('room at least doubles, so that many small appends copy little', () => {
  const growing = new GrowingOctets(4);
  growing.append(Buffer.from('abcde'));
  expect(growing.octets.length).toBe(8);
});

test('clear goes back to the room of the beginning and releases the larger one', () => {
  const growing = new GrowingOctets(4);
  const { octets } = growing;
  growing.append(Buffer.alloc(1_000));
  growing.clear();
  expect(growing.length).toBe(0);
  expect(growing.octets).toBe(octets);
});
