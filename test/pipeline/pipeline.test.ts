// The whole way: deliveries in, datagrams out, commits behind them.

import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { FlowEvent } from '../../src/generator/flow-event.ts';
import { StoppedAtBadEventError } from '../../src/pipeline/bad-events/bad-events.ts';
import { flowEvent, originOf } from '../support/events/flow-events.ts';
import { turn } from '../support/fakes/manual-clock.ts';
import { commitIntervalMs, Stage } from '../support/fakes/scripted-stage.ts';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] }));
afterEach(() => void vi.useRealTimers());

const flows = (count: number): FlowEvent[] =>
  Array.from({ length: count }, (_, i) => flowEvent({ flowId: i + 1 }));
const badFlow = flowEvent({ sourcePort: 70_000 });

async function tick(times = 1): Promise<void> {
  vi.advanceTimersByTime(times * commitIntervalMs);
  await turn();
}

const offsetsOf = ({ commits }: Stage) =>
  commits.map(({ offsets }) => offsets.map(({ offset }) => offset));

describe('commits', () => {
  test('follow the settled offsets at each interval', async () => {
    const stage = await new Stage().start();
    const origin = originOf();
    stage.deliver(flows(3), origin);
    await tick();
    await stage.clock.advance(599);
    await tick();
    await stage.clock.advance(1);
    await tick();
    expect(offsetsOf(stage)).toEqual([[100], [100], [103]]);
    expect(stage.worker.ledger.account).toMatchObject({ consumed: 3, exported: 3, inFlight: 0 });
    stage.stop();
  });

  test('do not pass what a stalled call holds, nor what stands behind it', async () => {
    const stage = await new Stage().start();
    await stage.clock.advance(0);
    stage.sender.script.push('taken', 'stall');
    const [first, second] = [originOf(0), originOf(1)];
    stage.deliver(flows(8), first);
    stage.deliver(flows(4), second);
    await stage.clock.advance(10_000);
    await tick();
    const settled = stage.worker.ledger.account.exported;
    expect(settled).toBeGreaterThan(0);
    expect(offsetsOf(stage)).toEqual([[100 + settled, 100]]);
    stage.sender.release();
    await stage.clock.advance(1000);
    await tick();
    expect(offsetsOf(stage).at(-1)).toEqual([108, 104]);
    stage.stop();
  });

  test('wait for a refusal to be made good', async () => {
    const stage = await new Stage().start();
    stage.deliver(flows(3), originOf());
    await stage.clock.advance(550);
    expect(stage.data).toHaveLength(1);
    stage.sender.refuse();
    await stage.clock.advance(300);
    await tick();
    await stage.clock.advance(2000);
    await tick();
    expect(offsetsOf(stage)).toEqual([[100], [103]]);
    expect(stage.data).toHaveLength(2);
    stage.stop();
  });

  test('never overlap, and the last waits for the one under way', async () => {
    const stage = await new Stage().start();
    const answers: (() => void)[] = [];
    stage.broker = () => new Promise((resolve) => answers.push(resolve));
    await tick(3);
    expect(answers).toHaveLength(1);
    stage.deliveries.complete();
    await stage.clock.advance(1000);
    expect([answers.length, stage.isCompleted]).toEqual([1, false]);
    answers.shift()!();
    await turn();
    answers.shift()!();
    await turn();
    expect(stage.commits.map(({ last }) => last)).toEqual([false, true]);
    expect(stage.isCompleted).toBe(true);
  });
});

describe('completion', () => {
  test('seals, sends, settles, and commits last', async () => {
    const stage = await new Stage().start();
    stage.deliver(flows(3), originOf());
    stage.deliveries.complete();
    await turn();
    expect(stage.data).toHaveLength(1);
    await stage.clock.advance(99);
    expect([stage.commits, stage.isCompleted]).toEqual([[], false]);
    await stage.clock.advance(1);
    expect(stage.commits).toMatchObject([{ last: true, atMs: 100, offsets: [{ offset: 103 }] }]);
    expect(stage.isCompleted).toBe(true);
    expect(stage.sender.closed).toBe(true);
    await tick(5);
    expect(stage.commits).toHaveLength(1);
  });

  test('without any event commits once and ends', async () => {
    const stage = await new Stage().start();
    stage.deliveries.complete();
    await turn();
    expect(stage.isCompleted).toBe(true);
    expect(stage.commits).toEqual([{ last: true, atMs: 0, offsets: [] }]);
  });

  test('waits as long as the collector refuses', async () => {
    const stage = await new Stage().start();
    stage.sender.script.push('taken', ...Array.from({ length: 5 }, () => 'refused' as const));
    stage.deliver(flows(8), originOf());
    stage.deliveries.complete();
    await stage.clock.advance(2000);
    expect([stage.commits, stage.isCompleted]).toEqual([[], false]);
    await stage.clock.advance(60_000);
    expect(stage.commits).toMatchObject([{ last: true, offsets: [{ offset: 108 }] }]);
    expect(stage.isCompleted).toBe(true);
  });
});

describe('a bad event, where it is to stop the stage', () => {
  test('ends it in order: what lies below leaves and is committed, nothing else', async () => {
    const stage = await new Stage().start();
    stage.deliver([...flows(2), badFlow, ...flows(1)], originOf(3));
    expect(stage.deliveries.observed).toBe(false);
    await stage.clock.advance(1000);
    await tick();
    expect(stage.isCompleted).toBe(true);
    expect(stage.commits.at(-1)).toMatchObject({ last: true, offsets: [{ offset: 102 }] });
    expect(stage.worker.ledger.account).toMatchObject({
      ...{ consumed: 4, exported: 2, discarded: 0, returned: 2, inFlight: 0 },
    });
  });

  test('is reported with its place and how to fix', async () => {
    const stage = await new Stage().start();
    stage.deliver([...flows(2), badFlow], originOf(3));
    expect(stage.worker.stoppedBy).toBeInstanceOf(StoppedAtBadEventError);
    expect(stage.worker.stoppedBy?.message).toBe(
      'flows[3] offset 102: in sourcePort: sourceTransportPort: 70000 is not unsigned16 ' +
        '(2 octets); it is not committed, and nothing above it in its partition is. Fix the ' +
        'mapping or the producer, set DLQ_TOPIC to keep such events there, or ' +
        'ON_BAD_EVENT=discard to discard and count them',
    );
  });
});

describe('an error ends the pipeline with nothing more committed', () => {
  async function expectEnded(stage: Stage, commits: number): Promise<void> {
    const sent = stage.sender.handed.length;
    expect(stage.sender.closed).toBe(true);
    expect(stage.isCompleted).toBe(false);
    await tick(5);
    await stage.clock.advance(100_000);
    await tick(5);
    expect(stage.commits).toHaveLength(commits);
    expect(stage.sender.handed).toHaveLength(sent);
  }

  test('paint: where painting itself fails', async () => {
    const stage = await new Stage().start();
    vi.spyOn(stage.worker.frames, 'openFor').mockImplementation(() => {
      throw new Error('painter');
    });
    stage.deliver(flows(3), originOf());
    expect(stage.error).toEqual(new Error('painter'));
    await expectEnded(stage, 0);
  });

  test('transmit: where the kernel will never take a Message', async () => {
    const stage = await new Stage().start();
    stage.deliver(flows(3), originOf());
    await tick();
    stage.sender.script.push('failed');
    await stage.clock.advance(500);
    expect(stage.error).toMatchObject({ code: 'SEND_FAILED' });
    await expectEnded(stage, 1);
  });

  test('settle: where a Frame settles that nobody can account for', async () => {
    const stage = await new Stage().start();
    vi.spyOn(stage.worker.ledger, 'settle').mockImplementation(() => {
      throw new Error('ledger');
    });
    stage.deliver(flows(3), originOf());
    await stage.clock.advance(600);
    expect(stage.error).toEqual(new Error('ledger'));
    await expectEnded(stage, 0);
  });

  test('commit: where the broker refuses for good', async () => {
    const stage = await new Stage().start();
    stage.broker = () => Promise.reject(new Error('broker'));
    stage.deliver(flows(3), originOf());
    await tick();
    expect(stage.error).toEqual(new Error('broker'));
    await expectEnded(stage, 0);
  });

  test('the source: what it delivered before is not committed', async () => {
    const stage = await new Stage().start();
    stage.deliver(flows(3), originOf());
    stage.deliveries.error(new Error('source'));
    expect(stage.error).toEqual(new Error('source'));
    await expectEnded(stage, 0);
  });
});
