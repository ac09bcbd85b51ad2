// When the brokers count as away, and what is logged of it.

import pino from 'pino';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { BrokerContact } from '../../../src/sources/kafka/broker-contact.ts';
import type { Finding } from '../../../src/sources/kafkajs/reach-brokers.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

interface Line {
  readonly level: number;
  readonly code?: string;
  readonly reason?: string;
  readonly seconds: number;
  readonly msg: string;
}

const refused: Finding = {
  ...{ code: 'KAFKA_AWAY', problem: 'connect ECONNREFUSED', error: new Error('refused') },
  passes: true,
};
const untrusted: Finding = { code: 'KAFKA_TLS_UNTRUSTED', problem: 'TLS', error: new Error('TLS') };

function contacting(first?: Finding) {
  const lines: Line[] = [];
  const around = {
    finding: first,
    tries: 0,
    answer: () => Promise.resolve(around.finding),
  };
  const log = pino({}, { write: (line: string) => lines.push(JSON.parse(line) as Line) });
  const contact = new BrokerContact({
    connection: { brokers: ['kafka:9092'], clientId: 'test' },
    log,
    tryBrokers: () => {
      around.tries += 1;
      return around.answer();
    },
  });
  return { contact, around, lines };
}

const seconds = (count: number) => vi.advanceTimersByTimeAsync(1_000 * count);
const never = new AbortController().signal;

test('at the start brokers that refuse are warned of at once, and waited for', async () => {
  const { contact, around, lines } = contacting(refused);
  const reached = contact.reach(never);
  await seconds(0);
  expect(lines).toMatchObject([{ code: 'KAFKA_AWAY', reason: 'connect ECONNREFUSED', seconds: 0 }]);
  await seconds(150);
  expect(lines.map((line) => line.seconds)).toEqual([0, 60, 120]);
  expect(contact.away).toMatchObject({ reason: 'connect ECONNREFUSED' });
  around.finding = undefined;
  await seconds(1);
  expect(await reached).toBe(true);
  expect(lines.at(-1)).toMatchObject({ level: 30, msg: 'Kafka answers again', seconds: 151 });
  expect(contact.away).toBeUndefined();
});

test('what fails while they are away, and for a while after it, fails because of them', async () => {
  const { contact, around } = contacting(refused);
  expect(contact.isDisturbed).toBe(false);
  void contact.reach(never);
  await seconds(2);
  expect(contact.isDisturbed).toBe(true);
  around.finding = undefined;
  await seconds(5);
  expect([contact.away, contact.isDisturbed]).toEqual([undefined, true]);
  await seconds(10);
  expect(contact.isDisturbed).toBe(false);
});

test('at the start what waiting does not change is thrown, and not logged', async () => {
  const { contact, lines } = contacting(untrusted);
  await expect(contact.reach(never)).rejects.toMatchObject({ code: 'KAFKA_TLS_UNTRUSTED' });
  expect(lines).toEqual([]);
});

test('a wish to end ends the wait', async () => {
  const { contact } = contacting(refused);
  const ending = new AbortController();
  const reached = contact.reach(ending.signal);
  await seconds(5);
  ending.abort();
  expect(await reached).toBe(false);
});

test('brokers whose connections end and that refuse then are noticed within 2 seconds, and once', async () => {
  const { contact, around, lines } = contacting();
  contact.watch();
  for (let second = 0; second < 60; second += 1) {
    contact.answered();
    await seconds(1);
  }
  expect([around.tries, lines]).toEqual([0, []]);
  around.finding = refused;
  contact.ended();
  await seconds(2);
  expect(lines).toMatchObject([{ code: 'KAFKA_AWAY' }]);
  await seconds(50);
  expect(lines).toHaveLength(1);
  contact.answered();
  contact.answered();
  expect(lines.map(({ msg }) => msg).slice(1)).toEqual(['Kafka answers again']);
  contact.close();
});

test('brokers that hang are noticed within 15 seconds', async () => {
  const { contact, around, lines } = contacting();
  contact.watch();
  around.finding = { ...refused, problem: 'no answer within 5 s' };
  await seconds(15);
  expect(lines).toMatchObject([{ code: 'KAFKA_AWAY', reason: 'no answer within 5 s' }]);
  contact.close();
});

test('one of several that goes is no warning: another answers', async () => {
  const { contact, lines } = contacting();
  contact.watch();
  for (let i = 0; i < 20; i += 1) {
    contact.ended();
    await seconds(1);
    contact.answered();
  }
  expect(lines).toEqual([]);
  expect(contact.away).toBeUndefined();
  contact.close();
});

test('a long join in silence is no warning: the brokers are asked, and answer', async () => {
  const { contact, around, lines } = contacting();
  contact.watch();
  await seconds(60);
  expect(around.tries).toBeGreaterThan(3);
  expect(lines).toEqual([]);
  contact.close();
});

test('an answer that comes while the brokers are asked counts more', async () => {
  const { contact, around, lines } = contacting();
  const slow = Promise.withResolvers<Finding | undefined>();
  around.answer = () => slow.promise;
  contact.watch();
  contact.ended();
  await seconds(2);
  expect(around.tries).toBe(1);
  contact.answered();
  slow.resolve(refused);
  await seconds(2);
  expect(lines).toEqual([]);
  contact.close();
});
