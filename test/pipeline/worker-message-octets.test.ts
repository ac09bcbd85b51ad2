// Whatever a Message may measure, from the least that carries the Templates up to 65,535 octets: each is
// as long as its headers say, has no padding, and counts on from the one before.

import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Decoder } from '../../src/ipfix/decoder.ts';
import { templateRecordOctets } from '../../src/ipfix/template.ts';
import { Shapes } from '../../src/pipeline/templates/shapes.ts';
import type { FlowEvent } from '../../src/generator/flow-event.ts';
import { anyFlowEvent, flowEventMapping, originOf } from '../support/events/flow-events.ts';
import { naiveMessages, naiveRecord } from '../support/oracles/naive-message.ts';
import { observationDomainId, Stage } from '../support/fakes/scripted-stage.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

const headerOctets = 20;
const known = new Shapes(flowEventMapping.forward).known.map(({ template }) => template);
const templateOctetsMax = Math.max(...known.map(({ fields }) => templateRecordOctets(fields)));

const events = fc
  .sample(anyFlowEvent, { numRuns: 16, seed: 7 })
  .map((event, i): FlowEvent => ({ ...event, flowId: i }));
const layouts = new Set(events.map((event) => naiveRecord(event).layout));
const recordOctetsMax = Math.max(...events.map((event) => naiveRecord(event).octets.length));
/** Half of a layout's length as hexadecimal text, and the Template ID and Field Count. */
const laterOctetsMax = Math.max(...Array.from(layouts, (layout) => layout.length / 2 + 4));
const least = headerOctets + Math.max(templateOctetsMax, recordOctetsMax, laterOctetsMax);

/** The Messages that leave for these events, checked one by one; returns those with data. */
async function checkMessages(messageOctetsMax: number, flows: readonly FlowEvent[]) {
  const inFlightBytes = 200 * messageOctetsMax;
  const stage = await new Stage({ messageOctetsMax, inFlightBytes }).start();
  stage.deliver(flows, originOf());
  stage.deliveries.complete();
  await stage.clock.advance(200);
  expect(stage.isCompleted).toBe(true);
  const decoder = new Decoder();
  const ids = new Map<string, number>();
  const wrong: string[] = [];
  let sent = 0;
  for (const { octets } of stage.sender.taken) {
    const decoded = decoder.decode(octets);
    const { length } = octets;
    // One look at all of it: there are tens of thousands of Messages.
    const isRight =
      length <= messageOctetsMax &&
      octets.readUInt16BE(2) === length &&
      octets.readUInt16BE(18) === length - 16 &&
      octets.readUInt32BE(8) === sent &&
      decoded.unknownSets.length === 0 &&
      decoded.paddingOctets === 0;
    if (!isRight) wrong.push(octets.toString('hex'));
    sent += decoded.dataRecordCount;
    for (const { templateId, fields } of decoded.templates) {
      const specifiers = fields.map(({ element, length }) => element.id * 0x1_0000 + length);
      ids.set(specifiers.map((s) => s.toString(16).padStart(8, '0')).join(''), templateId);
    }
  }
  expect(wrong).toEqual([]);
  expect(sent).toBe(flows.length);
  const wanted = naiveMessages(flows, {
    messageOctetsMax,
    templateIdOf: (layout) => ids.get(layout)!,
    exportTimeS: stage.clock.epochS,
    observationDomainId,
  });
  expect(stage.data.map(({ octets }) => octets.toString('hex'))).toEqual(
    wanted.map((octets) => octets.toString('hex')),
  );
  return stage.data;
}

test('all of them up to twice the least', async () => {
  for (let octets = least; octets <= 2 * least; octets += 1) await checkMessages(octets, events);
});

test('others up to 65,535', async () => {
  const sizes = fc.oneof(
    fc.integer({ min: 2 * least, max: 2_000 }),
    fc.integer({ min: 2_000, max: 65_535 }),
  );
  await fc.assert(
    fc.asyncProperty(sizes, async (octets) => {
      await checkMessages(octets, events);
    }),
    { numRuns: 30 },
  );
});

test('the longest are filled to the last record that fits', async () => {
  const many = Array.from({ length: 2_000 }, (_, i) => ({ ...events[0]!, flowId: i }));
  const recordOctets = naiveRecord(events[0]!).octets.length;
  for (const octets of [65_534, 65_535]) {
    const [first] = await checkMessages(octets, many);
    const room = octets - headerOctets;
    expect(first!.octets.length).toBe(headerOctets + room - (room % recordOctets));
  }
});
