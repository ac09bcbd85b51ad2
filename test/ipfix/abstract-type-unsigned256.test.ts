// unsigned256, IANA's newest type of number: whole or in fewer octets, as its elements allow.

import { expect, test } from 'vitest';
import { encoderFor } from '../../src/ipfix/abstract-type.ts';
import { elementByName } from '../../src/ipfix/information-element.ts';

const element = elementByName('ipv6ExtensionHeadersFull')!;

test('an unsigned256 is sent in 1 to 32 octets, and holds what fits into them', () => {
  const lengths = Array.from({ length: 35 }, (_, n) => n);
  const possible = lengths.filter((length) => encoderFor({ element, length }));
  expect(possible).toEqual(lengths.slice(1, 33));
  for (const length of possible) {
    const encode = encoderFor({ element, length })!;
    const octets = Buffer.alloc(length + 2, 0xaa);
    const most = (1n << BigInt(8 * length)) - 1n;
    expect(encode(most - 1n, octets, 1)).toBe(length + 1);
    expect(octets.toString('hex')).toBe(`aa${'ff'.repeat(length - 1)}feaa`);
    expect(() => encode(most + 1n, octets, 1)).toThrow('is not unsigned');
    expect(() => encode(-1n, octets, 1)).toThrow('is not unsigned');
  }
});
