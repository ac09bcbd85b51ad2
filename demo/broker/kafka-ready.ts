// Waits until a Kafka answers as a client needs it: not a bound port, but its own name in the
// cluster's list of brokers.

import { setTimeout as sleep } from 'node:timers/promises';
import { type Admin, Kafka, logLevel } from 'kafkajs';
import { hushNegativeTimeouts } from '../../src/sources/kafkajs/kafkajs-log.ts';

export const readyTimeoutMs = 60_000;
const pauseMs = 150;

class KafkaSilentError extends Error {
  readonly code = 'KAFKA_SILENT';
  override readonly name = 'KafkaSilentError';
}

/** Resolves once `brokers` answer and, where `member` is given, that address is one of them. */
export async function untilKafkaAnswers(
  brokers: readonly string[],
  options: { member?: string; signal?: AbortSignal; timeoutMs?: number } = {},
): Promise<void> {
  const timeoutMs = options.timeoutMs ?? readyTimeoutMs;
  const giveUpAt = performance.now() + timeoutMs;
  let cause: unknown;
  while (performance.now() < giveUpAt) {
    options.signal?.throwIfAborted();
    try {
      const addresses = await brokerAddresses(brokers);
      if (options.member === undefined || addresses.includes(options.member)) return;
    } catch (error) {
      cause = error;
    }
    await sleep(pauseMs);
  }
  const last = cause instanceof Error ? `: ${cause.message}` : '';
  const seconds = timeoutMs / 1000;
  throw new KafkaSilentError(`no answer from ${brokers.join(', ')} within ${seconds} s${last}`, {
    cause,
  });
}

async function brokerAddresses(brokers: readonly string[]): Promise<string[]> {
  hushNegativeTimeouts();
  const admin: Admin = new Kafka({
    brokers: [...brokers],
    clientId: 'kafka2ipfix-probe',
    connectionTimeout: 2_000,
    requestTimeout: 5_000,
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  }).admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    return cluster.brokers.map(({ host, port }) => `${host}:${port}`);
  } finally {
    await admin.disconnect();
  }
}
