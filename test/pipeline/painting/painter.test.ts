// Painted events against the oracle, octet by octet.

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { Decoder } from '../../../src/ipfix/decoder.ts';
import { templateMessages } from '../../../src/ipfix/template.ts';
import { writeMessageHeader } from '../../../src/ipfix/message.ts';
import type { FlowEvent } from '../../../src/generator/flow-event.ts';
import type { Frame } from '../../../src/pipeline/frames/frame.ts';
import { anyFlowEvent, encode, flowEvent, ipv6 } from '../../support/events/flow-events.ts';
import { naiveMessages, naiveRecord } from '../../support/oracles/naive-message.ts';
import { layoutOf, paintingOf, recordsOf } from '../../support/events/painting.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

const asHex = (octets: Buffer) => octets.toString('hex');
const header = { exportTimeS: 1_785_585_600, observationDomainId: 257 };

/** The Frames as Messages, with the headers that a Sink would give them. */
function messagesOf(frames: readonly Frame[]): Buffer[] {
  let sequenceNumber = 0;
  return frames.map(({ octets, records }) => {
    writeMessageHeader(
      octets,
      octets.length,
      header.exportTimeS,
      sequenceNumber,
      header.observationDomainId,
    );
    sequenceNumber += records;
    return octets;
  });
}

function painted(events: readonly FlowEvent[], messageOctetsMax = 1472): Frame[] {
  const { paint, frames, sealed } = paintingOf({ messageOctetsMax });
  for (const event of events) {
    const bytes = encode(event);
    paint(bytes, 0, bytes.length);
  }
  frames.sealAll();
  return sealed;
}

/** Every value of every record by its element's name, as a collector reads them. */
function read(frames: readonly Frame[]): Record<string, unknown>[] {
  const decoder = new Decoder();
  const templates = frames.map(({ template }) => template);
  for (const message of templateMessages(templates, 1472)) {
    message.writeUInt32BE(header.observationDomainId, 12);
    decoder.decode(message);
  }
  return messagesOf(frames).flatMap((message) =>
    decoder
      .decode(message)
      .records.map(({ values }) =>
        Object.fromEntries(values.map(({ element, value }) => [element.name, value])),
      ),
  );
}

describe('for any events and room', () => {
  const events = fc.array(anyFlowEvent, { maxLength: 60, size: 'max' });
  // The least room is one datagram of 512 octets over IPv4; the longest record here needs less.
  const messageOctetsMax = fc.integer({ min: 484, max: 1472 });

  test("the Messages are the oracle's", () => {
    fc.assert(
      fc.property(events, messageOctetsMax, (given, octetsMax) => {
        const frames = painted(given, octetsMax);
        const ids = new Map(frames.map((frame) => [layoutOf(frame), frame.template.id]));
        const wanted = naiveMessages(given, {
          ...header,
          messageOctetsMax: octetsMax,
          templateIdOf: (layout) => ids.get(layout) ?? -1,
        });
        expect(new Set(ids.values()).size).toBe(ids.size);
        expect(messagesOf(frames).map(asHex)).toEqual(wanted.map(asHex));
      }),
      { numRuns: 50 },
    );
  });

  test('records come out once, and in order for each Template', () => {
    fc.assert(
      fc.property(events, messageOctetsMax, (given, octetsMax) => {
        const found = new Map<string, Buffer[]>();
        let records = 0;
        for (const frame of painted(given, octetsMax)) {
          const layout = layoutOf(frame);
          found.set(layout, [...(found.get(layout) ?? []), recordsOf(frame)]);
          records += frame.records;
        }
        const wanted = Map.groupBy(
          given.map((event) => naiveRecord(event)),
          (r) => r.layout,
        );
        expect(records).toBe(given.length);
        expect(found.size).toBe(wanted.size);
        for (const [layout, own] of wanted) {
          const octets = own.map((record) => record.octets);
          expect(asHex(Buffer.concat(found.get(layout)!))).toBe(asHex(Buffer.concat(octets)));
        }
      }),
      { numRuns: 50 },
    );
  });
});

describe('a null field', () => {
  const full = flowEvent({
    tcpFlags: 0x1b,
    ipClassOfService: 0xb8,
    ingressInterface: 11,
    egressInterface: 12,
    vlanId: 100,
    sourceAs: 64_496,
    destinationAs: 64_497,
    sourcePrefixLength: 24,
    destinationPrefixLength: 16,
    icmpTypeCode: 0x0801,
    sourceMac: Buffer.alloc(6, 0xaa),
    destinationMac: Buffer.alloc(6, 0xbb),
    nextHop: Buffer.alloc(4, 0xcc),
    flowDirection: 1,
    flowEndReason: 3,
    exporterAddress: Buffer.alloc(4, 0xdd),
    samplingRate: 1000,
    applicationName: 'https',
  });
  const bare = flowEvent();

  test('is left out or unknown, whatever the event before it had there', () => {
    const [onlyBare] = read(painted([bare]));
    const [, ...rest] = read(painted([full, bare]));
    expect(rest).toEqual([onlyBare]);
    expect(onlyBare).toMatchObject({
      tcpControlBits: 0,
      bgpSourceAsNumber: 0,
      sourceIPv4PrefixLength: 0,
      applicationName: '',
    });
    const absent = [
      'icmpTypeCodeIPv4',
      'sourceMacAddress',
      'ipNextHopIPv4Address',
      'samplingInterval',
    ];
    for (const name of absent) expect(onlyBare).not.toHaveProperty(name);
  });

  test('never takes a value from any event before it', () => {
    fc.assert(
      fc.property(fc.array(anyFlowEvent, { maxLength: 8 }), anyFlowEvent, (before, last) => {
        const alone = painted([last])[0]!;
        const frames = painted([...before, last]);
        const own = frames.findLast((frame) => layoutOf(frame) === layoutOf(alone))!;
        const octets = recordsOf(alone);
        expect(asHex(recordsOf(own).subarray(-octets.length))).toBe(asHex(octets));
      }),
      { numRuns: 50 },
    );
  });
});

test('addresses have the version they have, and the rest that of the flow', () => {
  const [record] = read(
    painted([
      flowEvent({
        sourceAddress: ipv6(1),
        destinationAddress: ipv6(2),
        sourcePrefixLength: 128,
        icmpTypeCode: 0x8000,
        nextHop: Buffer.from([192, 0, 2, 9]),
        exporterAddress: ipv6(3),
      }),
    ]),
  );
  expect(record).toMatchObject({
    sourceIPv6Address: '2001:db8::1',
    destinationIPv6Address: '2001:db8::2',
    sourceIPv6PrefixLength: 128,
    icmpTypeCodeIPv6: 0x8000,
    ipNextHopIPv4Address: '192.0.2.9',
    originalExporterIPv6Address: '2001:db8::3',
  });
});
