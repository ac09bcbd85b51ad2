// 50,000 damaged Messages: each is decoded or refused by its place, at no more work and no more memory
// than its octets are worth. The long check has many more, and looks at the time each takes.

import { expect, test, vi } from 'vitest';
import { Decoder } from '../../src/ipfix/decoder.ts';
import { extremeMessages } from '../support/arbitrary/extreme-messages.ts';
import {
  decodeMutated,
  fieldsMax,
  valuesPerOctetMax,
} from '../support/arbitrary/mutated-messages.ts';

vi.setConfig({ testTimeout: 180_000 });

test('50,000 of them are decoded or refused, and nothing else happens', () => {
  const counts = decodeMutated({ seed: 1, count: 50_000 });
  expect(counts.messages).toBeGreaterThanOrEqual(50_000);
  expect(counts.decoded + counts.refused).toBe(counts.messages);
  // They reach everything that there is to reach.
  expect(counts.decoded).toBeGreaterThan(12_500);
  expect(counts.refused).toBeGreaterThan(5_000);
  expect(counts.records).toBeGreaterThan(12_500);
  expect(counts.lists).toBeGreaterThan(2_500);
  expect(counts.unreadLists).toBeGreaterThan(250);
  expect(counts.unknownSets).toBeGreaterThan(2_500);
  expect(counts.valuesPerOctet).toBeLessThanOrEqual(valuesPerOctetMax);
  expect(counts.fieldsKept).toBeLessThanOrEqual(fieldsMax);
});

test.each(Object.entries(extremeMessages))('the longest Message of %s is decoded', (_, session) => {
  const decoder = new Decoder({ withdrawals: 'obey' });
  for (const octets of session) {
    const { length } = decoder.decode(octets);
    expect(length).toBeGreaterThan(64_000);
  }
});
