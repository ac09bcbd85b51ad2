// A Frame cut at its records' borders: for any records and room, all of them come out, in their order.

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { writeMessageHeader } from '../../../src/ipfix/message.ts';
import { Decoder } from '../../../src/ipfix/decoder.ts';
import { elementByName } from '../../../src/ipfix/information-element.ts';
import { type Template, templateMessages, variableLength } from '../../../src/ipfix/template.ts';
import { Frame, recordRoom } from '../../../src/pipeline/frames/frame.ts';
import { roomAlone } from '../../../src/pipeline/frames/frame-room.ts';
import { splitFrame } from '../../../src/pipeline/frames/split-frame.ts';
import { originOf } from '../../support/events/flow-events.ts';

const template: Template = {
  id: 256,
  fields: [
    { element: elementByName('flowId')!, length: 8 },
    { element: elementByName('applicationName')!, length: variableLength },
  ],
};

/** A sealed Frame with one record for each length of its text. */
function frameOf(lengths: readonly number[]): Frame {
  const frame = new Frame(roomAlone(65_000), template);
  frame.open(template, 0);
  const progress = { origin: originOf(), nextOffset: 1, inFlight: 1, dropped: false };
  lengths.forEach((length, i) => {
    const { buffer } = frame;
    buffer.writeBigUInt64BE(BigInt(i), frame.at);
    let at = frame.at + 8;
    if (length < 255) at = buffer.writeUInt8(length, at);
    else at = buffer.writeUInt16BE(length, buffer.writeUInt8(255, at));
    frame.at = at + length;
    buffer.fill(65 + (i % 26), at, frame.at);
    frame.records += 1;
    frame.claim(progress, i, 1);
  });
  frame.seal();
  return frame;
}

interface Read {
  readonly ids: readonly number[];
  readonly length: number;
  readonly records: number;
}

function read(frame: Frame): Read {
  const decoder = new Decoder();
  const [told] = templateMessages([template], 1000);
  decoder.decode(told!);
  const octets = Buffer.from(frame.octets);
  writeMessageHeader(octets, octets.length, 0, 0, 0);
  const { records } = decoder.decode(octets);
  const ids = records.map(({ values }) => Number(values[0]!.value));
  return { ids, length: octets.length, records: frame.records };
}

const octetsOf = (length: number) => 8 + (length < 255 ? 1 : 3) + length;
const anyLength = fc.oneof(fc.nat({ max: 40 }), fc.nat({ max: 600 }));

test('every record that fits is in one Message, in order, with the number it had', () => {
  fc.assert(
    fc.property(
      fc.array(anyLength, { minLength: 1, maxLength: 80 }),
      fc.integer({ min: 120, max: 700 }),
      fc.constantFrom(-1, 7, 2 ** 32 - 5),
      (lengths, room, sequenceNumber) => {
        const frame = frameOf(lengths);
        frame.sequenceNumber = sequenceNumber;
        const { claims } = frame;
        const { parts, tooLong } = splitFrame(frame, room);
        const messages = [...parts, ...(frame.records > 0 ? [frame] : [])];
        const fitting = [...lengths.keys()].filter(
          (i) => octetsOf(lengths[i]!) <= recordRoom(room),
        );
        expect(tooLong).toBe(lengths.length - fitting.length);
        const seen = messages.map(read);
        expect(seen.flatMap(({ ids }) => ids)).toEqual(fitting);
        for (const { ids, length, records } of seen) {
          expect([length <= room, records]).toEqual([true, ids.length]);
        }
        const numbers = messages.map((message) => message.sequenceNumber);
        const wanted = seen.map(({ ids }) => (sequenceNumber + ids[0]!) >>> 0);
        expect(numbers).toEqual(sequenceNumber < 0 ? numbers.map(() => -1) : wanted);
        expect(frame.claims).toEqual(claims);
        expect(parts.every(({ isPart, claims: none }) => isPart && none.length === 0)).toBe(true);
      },
    ),
    { numRuns: 300 },
  );
});
