// Partitions that wait for a schema: paused, asked for again, resumed; and what a rebalance does to it.

import { pino } from 'pino';
import { expect, test } from 'vitest';
import type { Origin } from '../../../src/sources/delivery.ts';
import { type SchemaAnswer, SchemaStore } from '../../../src/sources/schemas/schema-store.ts';
import { WaitingPartitions } from '../../../src/sources/kafka/waiting-partitions.ts';

const origin = (partition: number): Origin => ({ topic: 'flows', partition, generation: 1 });

function waitingWith(answers: readonly (SchemaAnswer | Error)[]) {
  const done: string[] = [];
  const timers: { ms: number; then: () => void; stopped: boolean }[] = [];
  const left = [...answers];
  const registry = {
    known: () => undefined,
    fetch: (id: number) => {
      done.push(`ask ${id}`);
      const answer = left.shift() ?? new Error('away');
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
    close: () => {},
  };
  const waiting = new WaitingPartitions({
    schemas: new SchemaStore({ bare: new Map(), byFingerprint: new Map(), registry }),
    pause: ({ partition }) => done.push(`pause ${partition}`),
    resume: ({ partition }) => done.push(`resume ${partition}`),
    log: pino({ level: 'silent' }),
    after: (ms, then) => {
      const timer = { ms, then, stopped: false };
      timers.push(timer);
      return () => (timer.stopped = true);
    },
  });
  const fire = async () => {
    const timer = timers.at(-1)!;
    if (!timer.stopped) timer.then();
    await new Promise((resolve) => setImmediate(resolve));
    return timer.ms;
  };
  return { waiting, done, fire, timers };
}

const schema = { name: 'schema id 7', json: 'string' };

test('are resumed together when the schema comes, after waits that grow', async () => {
  const { waiting, done, fire } = waitingWith([new Error('a'), new Error('b'), schema]);
  waiting.wait(origin(1), 7, 'away');
  waiting.wait(origin(2), 7, 'away');
  expect([await fire(), await fire(), await fire()]).toEqual([500, 1000, 2000]);
  expect(done).toEqual(['pause 1', 'pause 2', 'ask 7', 'ask 7', 'ask 7', 'resume 1', 'resume 2']);
});

test('are reported with what they wait for, and counted once each until it comes', async () => {
  const { waiting, fire } = waitingWith([new Error('still away'), schema]);
  const one = origin(1);
  for (const waits of [one, one, origin(2)]) waiting.wait(waits, 7, 'away');
  await fire();
  expect(waiting.seen()).toEqual([
    { id: 7, reason: 'still away', partitions: ['flows[1]', 'flows[2]'] },
  ]);
  expect(waiting.pauses.seen(performance.now())).toMatchObject({ count: 2, waiting: 2 });
  await fire();
  expect(waiting.seen()).toEqual([]);
  expect(waiting.pauses.seen(performance.now())).toMatchObject({ count: 2, waiting: 0 });
});

test('never wait longer than 10 s for the next question', async () => {
  const { waiting, fire } = waitingWith([]);
  waiting.wait(origin(1), 7, 'away');
  let ms = 0;
  for (let i = 0; i < 10; i += 1) ms = await fire();
  expect(ms).toBe(10_000);
});

test('go on when the answer is that there is none: then their events are at fault', async () => {
  const { waiting, done, fire } = waitingWith([{ unknown: true, problem: 'nowhere' }]);
  waiting.wait(origin(1), 7, 'away');
  await fire();
  expect(done.at(-1)).toBe('resume 1');
});

test('wait on when they are kept in a rebalance, and are unpaused when they are lost', async () => {
  const { waiting, done, fire } = waitingWith([schema]);
  const [kept, lost] = [origin(1), origin(2)];
  waiting.wait(kept, 7, 'away');
  waiting.wait(lost, 7, 'away');
  waiting.rejoined((one) => one === kept);
  expect(done.slice(2)).toEqual(['pause 1', 'resume 2']);
  await fire();
  expect(done.slice(4)).toEqual(['ask 7', 'resume 1']);
});

test('are asked for no more when all of them are lost, or at the end', async () => {
  for (const end of [
    (waiting: WaitingPartitions) => waiting.rejoined(() => false),
    (waiting: WaitingPartitions) => waiting.close(),
  ]) {
    const { waiting, done, fire, timers } = waitingWith([schema]);
    waiting.wait(origin(1), 7, 'away');
    end(waiting);
    expect(timers.at(-1)!.stopped).toBe(true);
    await fire();
    expect(done).not.toContain('ask 7');
  }
});
