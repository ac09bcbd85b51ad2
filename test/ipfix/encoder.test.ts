// The Encoder of `kafka2ipfix/ipfix`, read back by the Decoder, which shares no code with it.

import { describe, expect, test } from 'vitest';
import { Decoder } from '../../src/ipfix/decoder.ts';
import { Encoder, namedField } from '../../src/ipfix/encoder.ts';

const options = { observationDomainId: 7, messageOctetsMax: 100 };
const exportTimeS = 1_782_900_000;
const address = Uint8Array.of(192, 0, 2, 1);

function encoderOfFlows(): Encoder {
  const encoder = new Encoder(options);
  encoder.addTemplate(256, [
    namedField('sourceIPv4Address'),
    namedField('octetDeltaCount', 4),
    namedField('interfaceName'),
  ]);
  return encoder;
}

/** Records of 4 + 4 + 1 + 3 octets: six of them fill a Message of 100. */
const flows = (count: number) => Array.from({ length: count }, (_, i) => [address, i, 'et0']);

describe('the Encoder', () => {
  test('fills Messages up to their length, and the Decoder reads every record of them', () => {
    const encoder = encoderOfFlows();
    const decoder = new Decoder();
    for (const message of encoder.templates(exportTimeS)) decoder.decode(message);
    const messages = encoder.records(256, flows(13), exportTimeS);
    expect(messages.map(({ length }) => length)).toEqual([92, 92, 32]);
    const records = messages.flatMap((message) => decoder.decode(message).records);
    expect(records.map(({ values }) => values.map(({ value }) => value))).toEqual(
      flows(13).map(([, octets, name]) => ['192.0.2.1', octets, name]),
    );
  });

  test('counts Data Records in the Sequence Number, and Templates not', () => {
    const encoder = encoderOfFlows();
    const heads = [
      ...encoder.templates(exportTimeS),
      ...encoder.records(256, flows(7), exportTimeS),
      ...encoder.templates(exportTimeS),
      ...encoder.records(256, flows(1), exportTimeS),
    ].map((message) => message.readUInt32BE(8));
    expect(heads).toEqual([0, 0, 6, 7, 7]);
    expect(encoder.sequenceNumber).toBe(8);
  });

  test('writes Export Time and domain into every header', () => {
    const [message] = encoderOfFlows().records(256, flows(1), exportTimeS);
    expect(message!.readUInt32BE(4)).toBe(exportTimeS);
    expect(message!.readUInt32BE(12)).toBe(7);
  });

  test('makes no Message of no records', () => {
    expect(encoderOfFlows().records(256, [], exportTimeS)).toEqual([]);
  });

  test.each([
    ['a value out of range', [address, 2 ** 32, 'et0'], /^record 2: octetDeltaCount: /],
    ['too few values', [address], /^record 2: 1 values for 3 fields$/],
    ['a record longer than a Message', [address, 1, 'x'.repeat(200)], /^record 2: 209 octets/],
  ])('refuses %s by its place, and then nothing counts as sent', (_what, flow, message) => {
    const encoder = encoderOfFlows();
    expect(() => encoder.records(256, [...flows(1), flow], exportTimeS)).toThrow(message);
    expect(encoder.sequenceNumber).toBe(0);
  });

  test('refuses an id that is none, one that is taken, and one that is not there', () => {
    const encoder = encoderOfFlows();
    expect(() => encoder.addTemplate(255, [])).toThrow('256 to 65535');
    expect(() => encoder.addTemplate(256, [])).toThrow('use another id');
    expect(() => encoder.records(300, [], exportTimeS)).toThrow('Template 300 was not added');
  });
});

describe('a field by its name', () => {
  test.each([
    ['octetDeltaCounts', undefined, "is not in IANA's registry"],
    ['octetDeltaCount', 9, 'of type unsigned64 and cannot have 9 octets'],
    ['bgpSourceCommunityList', undefined, 'of type basicList and needs basicListField'],
  ])('%s with length %s is refused', (name, length, message) => {
    expect(() => namedField(name, length)).toThrow(message);
  });
});
