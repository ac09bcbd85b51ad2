// Events that cannot be exported: refused by path, and nothing of them is painted.

import avro from 'avsc';
import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import type { FlowEvent } from '../../../src/generator/flow-event.ts';
import { mappingFromSchema } from '../../support/events/mapping.ts';
import { BadEventError } from '../../../src/pipeline/bad-events/bad-event.ts';
import { anyFlowEvent, encode, flowEvent, ipv6 } from '../../support/events/flow-events.ts';
import { naiveRecord } from '../../support/oracles/naive-message.ts';
import { layoutOf, type Painting, paintingOf, recordsOf } from '../../support/events/painting.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Paints `bytes`, or what of it is the event; the refusal, or undefined where there is none. */
function refusal(
  painting: Painting,
  bytes: Buffer,
  start = 0,
  end = bytes.length,
): BadEventError | undefined {
  try {
    painting.paint(bytes, start, end);
    return undefined;
  } catch (error) {
    if (error instanceof BadEventError) return error;
    throw error;
  }
}

/** All records painted, by Template, as hexadecimal text. */
function recordsByLayout({ frames, sealed }: Painting): Record<string, string> {
  frames.sealAll();
  const found: Record<string, string> = {};
  for (const frame of sealed) {
    const layout = layoutOf(frame);
    found[layout] = (found[layout] ?? '') + recordsOf(frame).toString('hex');
  }
  return found;
}

function wantedByLayout(events: readonly FlowEvent[]): Record<string, string> {
  const wanted: Record<string, string> = {};
  for (const { layout, octets } of events.map((event) => naiveRecord(event))) {
    wanted[layout] = (wanted[layout] ?? '') + octets.toString('hex');
  }
  return wanted;
}

const five = Buffer.alloc(5);
const bad: readonly (readonly [path: string, problem: string, changes: Partial<FlowEvent>])[] = [
  ['sourceAddress', 'an address of 5 octets; it must have 4 or 16', { sourceAddress: five }],
  ['nextHop', 'an address of 5 octets; it must have 4 or 16', { nextHop: five }],
  ['exporterAddress', 'an address of 0 octets', { exporterAddress: Buffer.alloc(0) }],
  [
    'destinationAddress',
    'the source and destination differ in IP version',
    { destinationAddress: ipv6(1) },
  ],
  ['sourcePort', 'sourceTransportPort: 70000 is not unsigned16 (2 octets)', { sourcePort: 70_000 }],
  ['octets', 'octetDeltaCount: -1 is not unsigned64 (8 octets)', { octets: -1 }],
  ['packets', 'packetDeltaCount: -9000 is not unsigned64', { packets: -9000 }],
  ['protocol', 'protocolIdentifier: 256 is not unsigned8 (1 octet)', { protocol: 256 }],
  ['flowStart', 'flowStartMilliseconds: -1 is not unsigned64', { flowStart: -1 }],
  ['ingressInterface', `ingressInterface: ${2 ** 32} is not`, { ingressInterface: 2 ** 32 }],
  ['tcpFlags', 'tcpControlBits: -2 is not unsigned16', { tcpFlags: -2 }],
  ['sourcePrefixLength', 'sourceIPv4PrefixLength: 33 is outside 0-32', { sourcePrefixLength: 33 }],
  ['icmpTypeCode', 'icmpTypeCodeIPv4: 65536 is not unsigned16', { icmpTypeCode: 65_536 }],
  ['samplingRate', 'samplingInterval: -1 is not unsigned32', { samplingRate: -1 }],
];

describe('a bad value', () => {
  test.each(bad)('in %s: %s', (path, problem, changes) => {
    const painting = paintingOf();
    const error = refusal(painting, encode(flowEvent(changes)));
    expect(error).toMatchObject({ code: 'BAD_EVENT', path });
    expect(error!.message).toContain(`in ${path}: ${problem}`);
    expect(recordsByLayout(painting)).toEqual({});
  });

  test('a record longer than a Message holds says how long, and how to fix', () => {
    const painting = paintingOf({ messageOctetsMax: 484 });
    const event = flowEvent({ applicationName: 'a'.repeat(500) });
    const { octets } = naiveRecord(event);
    expect(refusal(painting, encode(event))).toMatchObject({
      path: '',
      message:
        `its Data Record of ${octets.length} octets is longer than a Message can be (464); ` +
        'raise PATH_MTU or map fewer fields',
    });
  });

  test('a record exactly as long as a Message holds is painted', () => {
    const painting = paintingOf({ messageOctetsMax: 484 });
    const { octets } = naiveRecord(flowEvent({ applicationName: 'a'.repeat(255) }));
    const name = 'a'.repeat(255 + 464 - octets.length);
    expect(refusal(painting, encode(flowEvent({ applicationName: name })))).toBeUndefined();
    expect(refusal(painting, encode(flowEvent({ applicationName: `${name}a` })))).toBeDefined();
    painting.frames.sealAll();
    expect(painting.sealed.map(({ length }) => length)).toEqual([484]);
  });
});

describe('octets that are no event', () => {
  const first = encode(flowEvent());
  const both = Buffer.concat([first, encode(flowEvent({ flowId: 2 }))]);

  test.each([
    ['cut short at the end of the batch', first.subarray(0, -1), 0, first.length - 1],
    ['cut short before another event', both, 0, first.length - 1],
    ['empty', both, 0, 0],
  ])('%s', (_, bytes, start, end) => {
    const path = end === 0 ? 'flowId' : 'applicationName';
    expect(refusal(paintingOf(), bytes, start, end)).toMatchObject({
      path,
      message: `in ${path}: not a datum of the schema: the datum is cut short`,
    });
  });

  test.each([1, 2])('%i left over after the datum', (octets) => {
    expect(refusal(paintingOf(), both, 0, first.length + octets)).toMatchObject({
      path: '',
      message: `not a datum of the schema: ${octets} octets are left over after the datum`,
    });
  });

  test('a union branch that the schema has not', () => {
    const broken = Buffer.from(first);
    broken[broken.length - 1] = 0x7e;
    const error = refusal(paintingOf(), broken)!;
    expect(error.path).toBe('applicationName');
    expect(error.message).toContain('not a datum of the schema: member 63 of a union of 2');
    expect(error.cause).toBeInstanceOf(Error);
  });

  test('changed at random, are painted or refused, and never anything else', () => {
    const change = fc.tuple(fc.nat({ max: 400 }), fc.integer({ min: 0, max: 255 }));
    const painting = paintingOf();
    fc.assert(
      fc.property(anyFlowEvent, fc.array(change, { minLength: 1 }), (event, changes) => {
        const bytes = encode(event);
        for (const [at, octet] of changes) bytes[at % bytes.length] = octet;
        refusal(painting, bytes);
      }),
      { numRuns: 500 },
    );
    for (const frame of painting.sealed) expect(frame.length).toBeLessThanOrEqual(1472);
  });
});

test('good events are painted as if the bad ones between them had not been', () => {
  const badOne = fc
    .constantFrom(...bad)
    .chain(([, , changes]) => anyFlowEvent.map((event) => ({ ...event, ...changes, isBad: true })));
  const goodOne = anyFlowEvent.map((event) => ({ ...event, isBad: false }));
  const items = fc.array(fc.oneof(goodOne, badOne), { maxLength: 40, size: 'max' });
  fc.assert(
    fc.property(items, fc.integer({ min: 484, max: 1472 }), (given, messageOctetsMax) => {
      const painting = paintingOf({ messageOctetsMax });
      const good: FlowEvent[] = [];
      for (const { isBad, ...event } of given) {
        const error = refusal(painting, encode(event));
        // A few changes are not bad for every event: a prefix length of 33 is one of IPv6's.
        if (!isBad) expect(error).toBeUndefined();
        if (!error) good.push(event);
      }
      expect(recordsByLayout(painting)).toEqual(wantedByLayout(good));
    }),
  );
});

test('what depends on the IP version is refused where the flow has no address', () => {
  const schema = {
    type: 'record',
    name: 'E',
    fields: [
      { name: 'sourceAddress', type: ['null', 'bytes'] },
      { name: 'sourcePrefixLength', type: 'int' },
    ],
  };
  const painting = paintingOf({ schema, mapping: mappingFromSchema(schema) });
  const type = avro.Type.forSchema(schema as avro.Schema);
  const event = { sourceAddress: null, sourcePrefixLength: 8 };
  expect(refusal(painting, type.toBuffer(event))).toMatchObject({
    path: 'sourcePrefixLength',
    message: "in sourcePrefixLength: sourcePrefixLength needs the flow's address, it is null",
  });
});
