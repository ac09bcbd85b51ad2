// The one place where a kafkajs client is made: for the source, a look, dead letters, their way back
// and generated events alike.

import { Kafka, type logCreator, logLevel } from 'kafkajs';
import type { Logger } from 'pino';
import { hushNegativeTimeouts, kafkajsLogCreator } from './kafkajs-log.ts';

/** How the brokers are reached. */
export interface KafkaConnection {
  readonly brokers: readonly string[];
  readonly clientId: string;
}

/** Without a log the client says nothing of itself: what goes wrong comes as an error. */
export function kafkaClient({ brokers, clientId }: KafkaConnection, log?: Logger): Kafka {
  hushNegativeTimeouts();
  const voice: { logCreator: logCreator } | { logLevel: logLevel } = log
    ? { logCreator: kafkajsLogCreator(log) }
    : { logLevel: logLevel.NOTHING };
  return new Kafka({
    ...voice,
    brokers: [...brokers],
    clientId,
    // Explicit: kafkajs changes its defaults under NODE_ENV=test.
    retry: { initialRetryTime: 300, retries: 8, maxRetryTime: 30_000 },
  });
}
