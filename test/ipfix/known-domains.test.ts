// What the Decoder keeps from Message to Message: withdrawals where they are obeyed, and its bounds.

import { describe, expect, test } from 'vitest';
import { Decoder } from '../../src/ipfix/decoder.ts';
import { hex } from '../support/events/hex.ts';
import { message } from '../vectors/rfc7011-appendix-a.ts';

/** A Template of `fields` times octetDeltaCount in 4 octets. */
function templateSet(id: number, fields = 1): Buffer {
  const set = Buffer.concat([
    hex`0002 0000 0000 0000`,
    ...Array<Buffer>(fields).fill(hex`0001 0004`),
  ]);
  set.writeUInt16BE(set.length, 2);
  set.writeUInt16BE(id, 4);
  set.writeUInt16BE(fields, 6);
  return set;
}

const optionsTemplateSet = hex`0003 000e 0200 0001 0001 0095 0004`;
const data = (id: number): Buffer => {
  const set = hex`0000 0008 0000002a`;
  set.writeUInt16BE(id, 0);
  return set;
};

const idsOf = (decoder: Decoder, session = ''): number[] => [
  ...decoder.templates(1, session).keys(),
];

describe('withdrawals, where they are obeyed', () => {
  const known = (): Decoder => {
    const decoder = new Decoder({ withdrawals: 'obey' });
    decoder.decode(message([templateSet(256), templateSet(257), optionsTemplateSet]));
    return decoder;
  };

  test('take one Template away, for the rest of the Message and for later ones', () => {
    const decoder = known();
    const sets = [data(256), hex`0002 0008 0100 0000`, data(256), data(257)];
    const decoded = decoder.decode(message(sets));
    expect(decoded.dataRecordCount).toBe(2);
    expect(decoded.unknownSets.map(({ setId }) => setId)).toEqual([256]);
    expect(idsOf(decoder)).toEqual([257, 512]);
  });

  test.each([
    ['all Templates', hex`0002 0008 0002 0000`, [512]],
    ['all Options Templates', hex`0003 0008 0003 0000`, [256, 257]],
  ])('take %s away', (_, withdrawal, left) => {
    const decoder = known();
    const decoded = decoder.decode(message([withdrawal, data(256), data(257), data(512)]));
    expect(decoded.dataRecordCount).toBe(left.length);
    expect(idsOf(decoder)).toEqual(left);
  });

  test('and a new Template of the same id, in one Set, are taken in their order', () => {
    const changed = hex`0002 0010 0100 0000 0100 0001 0002 0004`;
    const decoder = known();
    const { records } = decoder.decode(message([changed, data(256)]));
    expect(records[0]!.values[0]!.element.name).toBe('packetDeltaCount');
    decoder.decode(message([hex`0002 0010 0100 0001 0002 0004 0100 0000`]));
    expect(idsOf(decoder)).toEqual([257, 512]);
    decoder.decode(message([hex`0002 0010 0100 0001 0002 0004 0002 0000`]));
    expect(idsOf(decoder)).toEqual([512]);
  });

  test('of a Message that is malformed further on take nothing away', () => {
    const decoder = known();
    expect(() => decoder.decode(message([hex`0002 0008 0002 0000`, hex`0100 0003`]))).toThrow();
    expect(idsOf(decoder)).toEqual([256, 257, 512]);
  });
});

describe('what is kept has a bound', () => {
  test('past the limit of sessions and domains, the one that was silent longest is forgotten', () => {
    const decoder = new Decoder({ domainsMax: 2 });
    for (const session of ['a', 'b', 'a', 'c'])
      decoder.decode(message([templateSet(256)]), session);
    expect(['a', 'b', 'c'].map((session) => idsOf(decoder, session).length)).toEqual([1, 0, 1]);
  });

  test('past the limit of fields, the domain received longest ago is forgotten', () => {
    const decoder = new Decoder({ fieldsMax: 10 });
    decoder.decode(message([templateSet(256, 4)]), 'a');
    decoder.decode(message([templateSet(256, 4)]), 'b');
    decoder.decode(message([templateSet(256, 2)]), 'a');
    expect(idsOf(decoder, 'b')).toEqual([256]);
    decoder.decode(message([templateSet(257, 5)]), 'c');
    expect(['a', 'b', 'c'].map((session) => idsOf(decoder, session))).toEqual([[256], [], [257]]);
  });

  test('within one domain, the Template received longest ago', () => {
    const decoder = new Decoder({ fieldsMax: 10 });
    for (const id of [256, 257, 258, 256, 259]) decoder.decode(message([templateSet(id, 3)]));
    expect(idsOf(decoder)).toEqual([258, 256, 259]);
    // Told anew with more fields it takes more room, with fewer it gives some back.
    decoder.decode(message([templateSet(258, 7)]));
    expect(idsOf(decoder)).toEqual([259, 258]);
    decoder.decode(message([templateSet(258, 1), templateSet(260, 6)]));
    expect(idsOf(decoder)).toEqual([259, 258, 260]);
  });
});
