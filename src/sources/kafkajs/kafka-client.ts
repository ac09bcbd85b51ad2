// The one place where a kafkajs client is made: for the source, a look, dead letters, their way back
// and generated events alike.

import { Kafka, type logCreator, logLevel, type RetryOptions, type SASLOptions } from 'kafkajs';
import type { Logger } from 'pino';
import { type SocketWatch, socketFactoryFor } from './kafka-socket.ts';
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

export interface KafkaClientOptions {
  /** Without it the client logs nothing: what goes wrong comes as an error. */
  readonly log?: Logger | undefined;
  readonly retry?: RetryOptions;
  readonly requestTimeoutMs?: number;
  readonly connectionTimeoutMs?: number;
  /** Hears of every answer and every failed connection. */
  readonly watch?: SocketWatch;
}

/** Explicit: kafkajs changes its defaults under NODE_ENV=test. */
const usualRetry: RetryOptions = { initialRetryTime: 300, retries: 8, maxRetryTime: 30_000 };

/** For commands, which give up while somebody waits for them. */
export const impatient: KafkaClientOptions = {
  retry: { initialRetryTime: 300, retries: 3 },
  requestTimeoutMs: 8_000,
  connectionTimeoutMs: 5_000,
};

export function kafkaClient(
  connection: KafkaConnection,
  {
    log,
    watch,
    retry = usualRetry,
    requestTimeoutMs = 30_000,
    connectionTimeoutMs = 10_000,
  }: KafkaClientOptions = {},
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
    socketFactory: socketFactoryFor(watch),
    connectionTimeout: connectionTimeoutMs,
    requestTimeout: requestTimeoutMs,
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
