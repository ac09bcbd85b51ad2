// Addresses in text against what RFC 4291 and node:net say of them: both Painters read them by one parser,
// so that these expected values are from elsewhere.

import fc from 'fast-check';
import { isIP } from 'node:net';
import { describe, expect, test } from 'vitest';
import {
  addressFromText,
  isAddressText,
  macFromText,
} from '../../../../src/pipeline/mapping/conversion/address-from-text.ts';
import {
  addressFromOctets,
  macFromOctets,
} from '../../../../src/pipeline/mapping/conversion/address-octets.ts';

const hexOf = (text: string): string => addressFromText(text).toString('hex');

describe('an IP address in text', () => {
  test.each([
    ['0.0.0.0', '00000000'],
    ['192.0.2.1', 'c0000201'],
    ['255.255.255.255', 'ffffffff'],
    // RFC 4291 §2.2
    ['ABCD:EF01:2345:6789:ABCD:EF01:2345:6789', 'abcdef0123456789abcdef0123456789'],
    ['2001:DB8:0:0:8:800:200C:417A', '20010db80000000000080800200c417a'],
    ['2001:DB8::8:800:200C:417A', '20010db80000000000080800200c417a'],
    ['FF01::101', 'ff010000000000000000000000000101'],
    ['::1', '00000000000000000000000000000001'],
    ['::', '00000000000000000000000000000000'],
    ['0:0:0:0:0:0:13.1.68.3', '0000000000000000000000000d014403'],
    ['::13.1.68.3', '0000000000000000000000000d014403'],
    ['::FFFF:129.144.52.38', '00000000000000000000ffff81903426'],
    ['64:ff9b::192.0.2.33', '0064ff9b0000000000000000c0000221'],
    ['1::', '00010000000000000000000000000000'],
    ['1:2:3:4:5:6:7::', '00010002000300040005000600070000'],
    ['::2:3:4:5:6:7:8', '00000002000300040005000600070008'],
    ['0001:0002:0003:0004:0005:0006:0007:0008', '00010002000300040005000600070008'],
  ])('%s is %s', (text, hex) => {
    expect(hexOf(text)).toBe(hex);
    expect(isAddressText(text)).toBe(true);
  });

  test.each([
    ...['', '.', ':', ':::', '1', '1.2.3', '1.2.3.4.5', '1.2.3.', '.1.2.3', '1..2.3'],
    ...['256.0.0.1', '01.2.3.4', '00.0.0.0', '1.2.3.4 ', ' 1.2.3.4', '-1.2.3.4', '0x1.2.3.4'],
    ...['1:2:3:4:5:6:7', '1:2:3:4:5:6:7:8:9', '1:2:3:4:5:6:7:8::', '::1::', '1::2::3', '12345::'],
    ...[
      '00001::',
      ':1:2:3:4:5:6:7:8',
      '1:2:3:4:5:6:7:8:',
      'g::',
      '::1.2.3',
      '::1.2.3.256',
      '1.2.3.4::',
    ],
    ...[
      '1:2:3:4:5:6:7:1.2.3.4',
      '::1.2.3.4:5',
      '::1%eth0',
      '::1/64',
      '1.2.3.4/24',
      '::1\0',
      '1.2.3.4\0',
    ],
    // Of these characters the low eight bits are a digit, a dot or a colon.
    ...['\u0131.2.3.4', '1.2.3.\u0134', '1\u012e2.3.4', '\u013a:1', ':\u013a1', '\ud800.2.3.4'],
  ])('%j is refused', (text) => {
    expect(() => addressFromText(text)).toThrow(/ is not an IP address$/);
    expect(isAddressText(text)).toBe(false);
  });

  const groups = fc.array(fc.constantFrom('0', '1', 'ffff', '00ab', '255', '01', 'g', ''), {
    maxLength: 9,
  });
  const separators = fc.array(fc.constantFrom(':', ':', '.', '.', '::', ''), {
    minLength: 9,
    maxLength: 9,
  });
  const almost = fc
    .tuple(groups, separators)
    .map(([parts, between]) => parts.map((part, i) => part + between[i]!).join(''));

  test('is one where node:net says so, and only there', () => {
    const texts = fc.oneof(almost, fc.ipV4(), fc.ipV6(), fc.string());
    fc.assert(
      fc.property(texts, (text) => {
        expect(isAddressText(text)).toBe(isIP(text) !== 0 && !text.includes('%'));
      }),
      { numRuns: 20_000 },
    );
  });

  test('of IPv6 has the octets that the host of a URL has', () => {
    fc.assert(
      fc.property(fc.ipV6(), (text) => {
        const groupsOf = (part: string) => part.split(':').filter((group) => group !== '');
        const [head = '', tail] = new URL(`http://[${text}]`).hostname.slice(1, -1).split('::');
        const [first, last] = [groupsOf(head), groupsOf(tail ?? '')];
        const zeros = new Array<string>(8 - first.length - last.length).fill('0');
        const all = [...first, ...zeros, ...last].map((group) => group.padStart(4, '0'));
        expect(hexOf(text)).toBe(all.join(''));
      }),
      { numRuns: 2_000 },
    );
  });

  test('is read where it lies, between other octets', () => {
    const bytes = Buffer.from('1.192.0.2.17::1');
    const into = Buffer.alloc(16, 0xee);
    expect(addressFromOctets(bytes, 2, 9, into)).toBe(4);
    expect(into.toString('hex', 0, 5)).toBe('c0000201ee');
    expect(addressFromOctets(bytes, 11, 4, into)).toBe(16);
    expect(into.toString('hex')).toBe('00070000000000000000000000000001');
  });
});

describe('a MAC address in text', () => {
  test.each(['02:00:5e:10:AB:cd', '02-00-5e-10-AB-cd', '0200.5e10.ABcd', '02005e10ABcd'])(
    '%s is read',
    (text) => expect(macFromText(text).toString('hex')).toBe('02005e10abcd'),
  );

  test.each([
    ...['', '02:00:5e:10:ab', '02:00:5e:10:ab:cd:', '02:00:5e:10:ab:cg', '02:00:5e:10:ab-cd'],
    ...['2:0:5e:10:ab:cd', '02.00.5e.10.ab.cd', '0200:5e10:abcd', '0200-5e10-abcd', '02005e10abc'],
    ...['02005e10abcde', '02 00 5e 10 ab cd', '\u0130200.5e10.abcd', '0200\u012e5e10.abc'],
  ])('%j is refused', (text) => expect(() => macFromText(text)).toThrow(/ is not a MAC address$/));

  test('is read where it lies, between other octets', () => {
    const into = Buffer.alloc(16, 0xee);
    expect(macFromOctets(Buffer.from('ff02005e10abcdff'), 2, 12, into)).toBe(6);
    expect(into.toString('hex', 0, 7)).toBe('02005e10abcdee');
  });
});
