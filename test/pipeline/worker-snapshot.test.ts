// What a Worker tells of itself at one moment: its figures agree with each other, and with what a
// collector sees.

import { describe, expect, test } from 'vitest';
import type { Account } from '../../src/pipeline/frames/ledger.ts';
import { encode, flowEvent, originOf } from '../support/events/flow-events.ts';
import { turn } from '../support/fakes/manual-clock.ts';
import { ScriptedSession } from '../support/fakes/scripted-session.ts';
import { Stage } from '../support/fakes/scripted-stage.ts';

const gap = ({ consumed, exported, deadLettered, discarded, returned, inFlight }: Account) =>
  consumed - exported - deadLettered - discarded - returned - inFlight;

describe('a Worker', () => {
  test('tells the octets that came in, the records by Template, and an account without a gap', async () => {
    const stage = await new Stage().start();
    const events = [flowEvent(), null, flowEvent(), flowEvent()];
    stage.deliver(events, originOf());
    const { snapshot } = stage.worker;
    expect(snapshot.account).toMatchObject({ consumed: 4, discarded: 1, inFlight: 3 });
    expect(gap(snapshot.account)).toBe(0);
    expect(snapshot.receivedOctets).toBe(3 * encode(flowEvent()).length);
    await stage.clock.advance(700);
    const later = stage.worker.snapshot;
    expect(later.account).toMatchObject({ exported: 3, inFlight: 0 });
    const used = later.templates.filter(({ records }) => records > 0);
    expect(used).toHaveLength(1);
    expect(used[0]?.records).toBe(3);
    expect(used[0]?.topics).toEqual(['flows']);
    expect(used[0]?.elements).toContain('flowId');
    stage.stop();
  });

  test('tells how long a Message waited, and how old its events were', async () => {
    const stage = await new Stage().start();
    const atMs = stage.clock.wallMs() - 4_000;
    stage.deliver([flowEvent()], originOf(), { timestampMs: () => atMs });
    await stage.clock.advance(700);
    const { messageAge, exportDelay } = stage.worker.snapshot;
    expect(messageAge.sum).toBeCloseTo(0.5);
    expect(exportDelay.sum).toBeCloseTo(4.5);
    expect(exportDelay.counts.reduce((sum, count) => sum + count, 0)).toBe(1);
    stage.stop();
  });

  test('observes no delay of events without a timestamp', async () => {
    const stage = await new Stage().start();
    stage.deliver([flowEvent()], originOf());
    await stage.clock.advance(700);
    expect(stage.worker.snapshot.exportDelay.counts.every((count) => count === 0)).toBe(true);
    stage.stop();
  });

  test('that is asked to flush sends what it has painted, at once', async () => {
    const stage = await new Stage().start();
    stage.deliver([flowEvent()], originOf());
    await stage.clock.advance(1);
    expect(stage.data).toHaveLength(0);
    stage.worker.flush();
    await turn();
    expect(stage.data).toHaveLength(1);
    stage.stop();
  });
});

describe('a collector', () => {
  test('is reported as refusing until it is back, with the code, and how long that was', async () => {
    const session = await new ScriptedSession().start();
    expect(session.sink.seen.collector).toEqual({
      address: 'collector.test:4739',
      state: 'sending',
    });
    session.transmit();
    await turn();
    session.sender.refuse();
    await session.clock.advance(150);
    const { collector, refusals, sendErrors } = session.sink.seen;
    expect(collector).toMatchObject({ state: 'refusing', code: 'ECONNREFUSED' });
    expect(refusals).toMatchObject({ count: 1, ms: 150, waiting: 1 });
    expect(sendErrors).toEqual({ ECONNREFUSED: 1 });
    await session.clock.advance(2_000);
    expect(session.sink.seen.collector.state).toBe('sending');
    expect(session.sink.seen.refusals).toMatchObject({ count: 1, ms: 1300, waiting: 0 });
  });

  test('is reported as stalled while the kernel takes nothing for long, and no longer once it does', async () => {
    const session = await new ScriptedSession().start();
    session.sender.script.push(...new Array<'later'>(11).fill('later'));
    session.transmit();
    await session.clock.advance(400);
    expect(session.sink.seen.collector.state).toBe('sending');
    await session.clock.advance(700);
    expect(session.sink.seen.collector).toMatchObject({ state: 'stalled', code: 'ENOBUFS' });
    await session.clock.advance(3_000);
    expect(session.sink.seen.collector.state).toBe('sending');
    expect(session.sink.seen.sendErrors).toEqual({ ENOBUFS: 11 });
  });
});
