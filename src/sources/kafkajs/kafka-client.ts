// The one place where a kafkajs client is made: for the source, a look, dead letters, their way back
// and generated events alike.

import { Kafka, type logCreator, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import { socketFactory } from './kafka-socket.ts';
import { hushNegativeTimeouts, kafkajsLogCreator } from './kafkajs-log.ts';
import './kafkajs-patches.ts';
import { type OAuthClient, OAuthTokens } from './oauth-tokens.ts';

/** PEM texts. */
export interface KafkaTls {
  readonly ca?: string | undefined;
  readonly cert?: string | undefined;
  readonly key?: string | undefined;
  readonly passphrase?: string | undefined;
  /** The name in the brokers' certificates, where it is none of their addresses. */
  readonly serverName?: string | undefined;
}

export type KafkaSasl =
  | {
      readonly mechanism: 'plain' | 'scram-sha-256' | 'scram-sha-512';
      readonly username: string;
      readonly password: string;
    }
  | { readonly mechanism: 'oauthbearer'; readonly token: string | OAuthClient };

export interface KafkaSecurity {
  readonly tls?: KafkaTls | undefined;
  readonly sasl?: KafkaSasl | undefined;
}

/** How the brokers are reached. */
export interface KafkaConnection extends KafkaSecurity {
  readonly brokers: readonly string[];
  readonly clientId: string;
}

const connectionTimeoutMs = 10_000;

/** Without a log the client says nothing of itself: what goes wrong comes as an error. */
export function kafkaClient(
  connection: KafkaConnection,
  log?: Logger,
  // Explicit: kafkajs changes its defaults under NODE_ENV=test.
  retry: RetryOptions = { initialRetryTime: 300, retries: 8, maxRetryTime: 30_000 },
  requestTimeout = 30_000,
): Kafka {
  hushNegativeTimeouts();
  const { brokers, clientId, tls, sasl } = connection;
  const voice: { logCreator: logCreator } | { logLevel: logLevel } = log
    ? { logCreator: kafkajsLogCreator(log) }
    : { logLevel: logLevel.NOTHING };
  return new Kafka({
    ...voice,
    brokers: [...brokers],
    clientId,
    socketFactory,
    connectionTimeout: connectionTimeoutMs,
    requestTimeout,
    ...(tls && { ssl: sslOf(tls) }),
    ...(sasl && { sasl: saslOf(sasl) }),
    retry,
  });
}

// What is undefined must not be there: it would stand for "no authority", not for the system's.
function sslOf({ serverName: servername, ...pem }: KafkaTls): Record<string, string> {
  const given = Object.entries({ ...pem, servername }).flatMap(([name, value]) =>
    value === undefined ? [] : [[name, value] as const],
  );
  return Object.fromEntries(given);
}

function saslOf(sasl: KafkaSasl): SASLOptions {
  // A copy: kafkajs keeps what it makes of a secret in the object it is given.
  if (sasl.mechanism !== 'oauthbearer') return { ...sasl };
  const { token } = sasl;
  if (typeof token === 'string') {
    return {
      mechanism: 'oauthbearer',
      oauthBearerProvider: () => Promise.resolve({ value: token }),
    };
  }
  const tokens = new OAuthTokens(token);
  return {
    mechanism: 'oauthbearer',
    oauthBearerProvider: async () => ({ value: await tokens.token() }),
  };
}
