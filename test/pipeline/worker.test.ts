// A Worker in the whole pipeline: what leaves is the oracle's, and nothing is lost on the way.

import fc from 'fast-check';
import { describe, expect, test, vi } from 'vitest';
import { templateRecordOctets, writeTemplateRecord } from '../../src/ipfix/template.ts';
import { Shapes } from '../../src/pipeline/templates/shapes.ts';
import {
  anyFlowEvent,
  encode,
  flowEvent,
  flowEventMapping,
  originOf,
} from '../support/events/flow-events.ts';
import { turn } from '../support/fakes/manual-clock.ts';
import { naiveMessages, naiveRecord } from '../support/oracles/naive-message.ts';
import { observationDomainId, Stage } from '../support/fakes/scripted-stage.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 60_000 });

/** Template IDs by layout, as the Messages themselves tell them. */
function toldIds(stage: Stage): Map<string, number> {
  const ids = new Map<string, number>();
  for (const { octets } of stage.sender.taken) {
    if (octets.readUInt16BE(16) !== 2) continue;
    for (let at = 20; at < octets.length;) {
      const end = at + 4 + 4 * octets.readUInt16BE(at + 2);
      ids.set(octets.toString('hex', at + 4, end), octets.readUInt16BE(at));
      at = end;
    }
  }
  return ids;
}

test("the datagrams with data are the oracle's, header and all", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyFlowEvent, { minLength: 1, size: '+1' }), async (events) => {
      const stage = await new Stage().start();
      stage.deliver(events, originOf());
      stage.deliveries.complete();
      await stage.clock.advance(200);
      const ids = toldIds(stage);
      const wanted = naiveMessages(events, {
        messageOctetsMax: 484,
        templateIdOf: (layout) => ids.get(layout)!,
        exportTimeS: stage.clock.epochS,
        observationDomainId,
      });
      expect(stage.isCompleted).toBe(true);
      expect(stage.data.map(({ octets }) => octets.toString('hex'))).toEqual(
        wanted.map((octets) => octets.toString('hex')),
      );
    }),
    { numRuns: 40 },
  );
});

test('all Templates to be expected from the schema are sent before the first data', async () => {
  const stage = await new Stage().start();
  const known = new Shapes(flowEventMapping.forward).known.map(({ template: { id, fields } }) => {
    const record = Buffer.alloc(templateRecordOctets(fields));
    writeTemplateRecord(record, 0, id, fields);
    return [record.toString('hex', 4), id] as const;
  });
  expect(toldIds(stage)).toEqual(new Map(known));
  stage.stop();
});

describe('events that do not leave', () => {
  test('are counted under their reason, and their neighbours leave', async () => {
    const stage = await new Stage({ onBadEvent: 'discard' }).start();
    const bad = flowEvent({ sourcePort: 70_000 });
    const cut = encode(flowEvent()).subarray(0, 20);
    stage.deliver([flowEvent({ flowId: 1 }), bad, null, cut, flowEvent({ flowId: 2 })], originOf());
    stage.deliveries.complete();
    await stage.clock.advance(200);
    expect([...stage.handedOverAt().keys()]).toEqual([1, 2]);
    expect(stage.worker.ledger.account).toEqual({
      consumed: 5,
      exported: 2,
      deadLettered: 0,
      discarded: 3,
      returned: 0,
      removed: 0,
      inFlight: 0,
      discardedByReason: { 'bad event': 2, tombstone: 1 },
    });
    expect(stage.commits.at(-1)!.offsets).toMatchObject([{ offset: 105 }]);
  });
});

describe('the intake', () => {
  test('drains: what is open leaves now, and it resolves when all is settled', async () => {
    const stage = await new Stage().start();
    stage.deliver([flowEvent()], originOf());
    let drained = false;
    void stage.worker.intake.drain().then(() => (drained = true));
    await stage.clock.advance(99);
    expect([stage.data.length, drained]).toEqual([1, false]);
    await stage.clock.advance(1);
    expect(drained).toBe(true);
    stage.stop();
  });

  test('returns what is taken away, and commits nothing of it', async () => {
    const stage = await new Stage().start();
    const [lost, kept] = [originOf(0), originOf(1)];
    stage.deliver([flowEvent(), flowEvent()], lost);
    stage.deliver([flowEvent()], kept);
    stage.worker.intake.drop(lost);
    await stage.clock.advance(1000);
    expect(stage.worker.intake.committable()).toEqual([{ origin: kept, offset: 101 }]);
    expect(stage.worker.ledger.account).toMatchObject({ exported: 1, returned: 2, inFlight: 0 });
    stage.stop();
  });

  test('has room again though more Templates are in use than the limit has Messages', async () => {
    const stage = await new Stage({ inFlightBytes: 4 * 484, flushIntervalMs: 600_000 }).start();
    const shapes = [
      flowEvent(),
      flowEvent({ icmpTypeCode: 0x0800 }),
      flowEvent({ sourceMac: Buffer.alloc(6) }),
      flowEvent({ flowDirection: 1 }),
      flowEvent({ flowEndReason: 1 }),
      flowEvent({ samplingRate: 100 }),
    ];
    for (const events of [shapes, ...shapes.map((event) => [event])]) {
      stage.deliver(events, originOf());
      let hasRoom = false;
      void (stage.worker.intake.room() ?? Promise.resolve()).then(() => (hasRoom = true));
      await stage.clock.advance(150);
      expect(hasRoom).toBe(true);
    }
    stage.stop();
  });

  test('under pressure lets an open Message leave when all older ones have settled', async () => {
    const stage = await new Stage({ inFlightBytes: 8 * 484, flushIntervalMs: 600_000 }).start();
    const inOneMessage = Math.floor((484 - 20) / naiveRecord(flowEvent()).octets.length);
    const common = (count: number) => Array.from({ length: count }, () => flowEvent());
    const rare = flowEvent({ flowId: 999, flowDirection: 1 });
    stage.deliver([...common(inOneMessage + 1), rare], originOf());
    await stage.clock.advance(50);
    stage.deliver(common(3 * inOneMessage), originOf());
    await stage.clock.advance(99);
    expect(stage.data).toHaveLength(4);
    await stage.clock.advance(1);
    expect(stage.handedOverAt().get(999)).toBe(150);
    stage.stop();
  });

  test("has no room while the limit's worth of Messages is unsettled", async () => {
    const stage = await new Stage({ inFlightBytes: 4 * 484 }).start();
    stage.sender.script.push('stall');
    const events = Array.from({ length: 20 }, () => flowEvent());
    stage.deliver(events, originOf());
    await turn();
    const room = stage.worker.intake.room();
    expect(room).toBeDefined();
    let hasRoom = false;
    void room!.then(() => (hasRoom = true));
    await stage.clock.advance(5000);
    expect(hasRoom).toBe(false);
    stage.sender.release();
    await stage.clock.advance(200);
    expect(hasRoom).toBe(true);
    stage.stop();
  });
});
