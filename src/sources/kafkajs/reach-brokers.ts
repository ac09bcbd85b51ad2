// The first request to the brokers: brokers that are away are waited for, a fault of TLS, of a secret or
// of an address is reported at once, with the setting to fix.

import { setTimeout as sleep } from 'node:timers/promises';
import { type KafkaConnection, kafkaClient } from './kafka-client.ts';

/** No broker can be talked to. */
export class KafkaUnreachableError extends Error {
  readonly code: string;
  override readonly name = 'KafkaUnreachableError';

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
  }
}

interface KafkaFault {
  readonly name?: string;
  readonly code?: string;
  /** The broker's name for it. */
  readonly type?: string;
  readonly message: string;
}

/** Why no broker can be talked to. */
export interface Finding {
  readonly code: string;
  /** What is wrong, and what to do. */
  readonly problem: string;
  readonly error: unknown;
  /** It may be otherwise in a moment. */
  readonly passes?: true;
}

/** A person waits, and a script; a broker that is there answers sooner. */
const giveUpMs = 9_000;
const tryMaxMs = 5_000;
const pauseMs = 500;

/** For commands: resolves when a broker answers. Throws KafkaUnreachableError after some 10 s. */
export async function reachBrokers(connection: KafkaConnection): Promise<void> {
  const giveUpAtMs = performance.now() + giveUpMs;
  for (const closings = new Closings(); ;) {
    const leftMs = giveUpAtMs - performance.now();
    const finding = await tryBrokers(connection, leftMs);
    if (!finding) return;
    const isOver = performance.now() + pauseMs > giveUpAtMs;
    if (isOver || closings.isFinal(finding)) throw unreachable(finding, connection);
    await sleep(pauseMs);
  }
}

export const unreachable = ({ code, problem, error }: Finding, { brokers }: KafkaConnection) =>
  new KafkaUnreachableError(code, `${brokers.join(', ')}: ${problem}`, error);

/** Tells what does not pass from what does, by how often it is seen. */
export class Closings {
  #count = 0;

  /** A broker that is being started closes connections, too: not the first ones are final. */
  isFinal({ code, passes }: Finding): boolean {
    this.#count = code === 'KAFKA_CLOSES' ? this.#count + 1 : 0;
    return !passes || this.#count >= closingsMax;
  }
}

const closingsMax = 3;

/**
 * Connects to all brokers at once, with TLS and SASL. Resolves to undefined when one has answered, else to
 * what is wrong; what does not pass counts more than what does.
 */
export async function tryBrokers(
  connection: KafkaConnection,
  timeoutMs = tryMaxMs,
): Promise<Finding | undefined> {
  const tries = connection.brokers.map((broker) =>
    tryBroker({ ...connection, brokers: [broker] }, timeoutMs),
  );
  try {
    await Promise.any(
      tries.map(async (one) => {
        const finding = await one;
        if (finding) throw finding.error;
      }),
    );
    return undefined;
  } catch {
    const findings = await Promise.all(tries);
    return findings.find((finding) => !finding?.passes) ?? findings[0];
  }
}

async function tryBroker(
  connection: KafkaConnection,
  timeoutMs: number,
): Promise<Finding | undefined> {
  // Its own retries would hide for half a minute what cannot pass.
  const retry = { retries: 0 };
  const times = { requestTimeoutMs: timeoutMs, connectionTimeoutMs: timeoutMs };
  const admin = kafkaClient(connection, { retry, ...times }).admin();
  const talk = async (): Promise<Problem | undefined> => {
    await admin.connect();
    try {
      await admin.describeCluster();
      return undefined;
    } catch (error) {
      if (connection.sasl?.mechanism === 'oauthbearer') return tokenRefused;
      throw error;
    }
  };
  const silent = `no answer within ${(timeoutMs / 1000).toFixed(0)} s; check that it runs, and the firewall`;
  const silence: Problem = { code: 'KAFKA_SILENT', problem: silent, passes: true };
  const late = sleep(timeoutMs, silence, { ref: false });
  try {
    const problem = await Promise.race([talk(), late]);
    return problem && { ...problem, error: new Error(problem.problem) };
  } catch (error) {
    return { ...findingFor(causeOf(error), connection), error };
  } finally {
    void admin.disconnect().catch(() => undefined);
  }
}

type Problem = Omit<Finding, 'error'>;

/** kafkajs takes the broker's answer to a bad token for consent; then the connection is closed. */
const tokenRefused: Problem = {
  code: 'KAFKA_SASL_REFUSED',
  problem: 'the broker rejects the token; correct the settings that begin with KAFKA_SASL_',
};

/** What the broker or the system said, below what kafkajs makes of it. */
export function causeOf(error: unknown): KafkaFault {
  let fault = error as Error & KafkaFault;
  while (fault.type === undefined && fault.code === undefined && fault.cause instanceof Error) {
    fault = fault.cause;
  }
  return fault;
}

const untrusted = new Set([
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
]);

function findingFor(
  { name, code = '', message }: KafkaFault,
  connection: KafkaConnection,
): Problem {
  if (name === 'KafkaJSSASLAuthenticationError' || code === 'KAFKA_OAUTH_TOKEN') {
    const fix = 'correct the settings that begin with KAFKA_SASL_';
    return { code: 'KAFKA_SASL_REFUSED', problem: `${message}; ${fix}` };
  }
  if (/SASL state|unexpected Kafka request of type/i.test(message)) {
    const problem = 'the broker requires SASL; set KAFKA_SASL_MECHANISM';
    return { code: 'KAFKA_SASL_WANTED', problem };
  }
  if (message.includes('answers in TLS')) {
    return { code: 'KAFKA_SPEAKS_TLS', problem: `${message}; set KAFKA_TLS=on` };
  }
  if (message.includes('is not Kafka')) {
    return { code: 'NO_KAFKA', problem: `${message}; correct KAFKA_BROKERS` };
  }
  return connection.tls
    ? (tlsFinding(code, message) ?? elseFinding(name, message))
    : elseFinding(name, message);
}

function tlsFinding(code: string, message: string): Problem | undefined {
  if (untrusted.has(code)) {
    const problem =
      "the broker's certificate is not signed by a trusted authority; name its authority in KAFKA_TLS_CA_FILE";
    return { code: 'KAFKA_TLS_UNTRUSTED', problem };
  }
  if (code === 'CERT_HAS_EXPIRED') {
    const problem =
      "the broker's certificate has expired; renew it, or correct the clock of this host";
    return { code: 'KAFKA_TLS_EXPIRED', problem };
  }
  if (code === 'ERR_TLS_CERT_ALTNAME_INVALID') {
    const problem = `${message}; use a name that is in the certificate, or set KAFKA_TLS_SERVER_NAME`;
    return { code: 'KAFKA_TLS_NAME', problem };
  }
  if (/WRONG_VERSION_NUMBER|wrong version number|before secure TLS connection/.test(message)) {
    const problem =
      'the broker does not use TLS on this port; use its TLS port, or unset KAFKA_TLS';
    return { code: 'KAFKA_SPEAKS_NO_TLS', problem };
  }
  if (/alert/i.test(message)) {
    const fix = 'it may require another client certificate: KAFKA_TLS_CERT_FILE';
    return { code: 'KAFKA_TLS_REFUSED', problem: `the broker refused TLS (${message}); ${fix}` };
  }
  return undefined;
}

function elseFinding(name: string | undefined, message: string): Problem {
  if (name === 'KafkaJSConnectionClosedError' || /Closed connection|ECONNRESET/.test(message)) {
    const problem =
      'the broker closes the connection at once; it may use TLS (KAFKA_TLS=on) or require SASL ' +
      '(KAFKA_SASL_MECHANISM), or may not be Kafka';
    return { code: 'KAFKA_CLOSES', problem, passes: true };
  }
  if (name?.startsWith('KafkaJS') !== true) {
    const problem = `what answers is not Kafka, or an unsupported version (${message}); correct KAFKA_BROKERS`;
    return { code: 'NO_KAFKA', problem };
  }
  const problem = `${message}; check that KAFKA_BROKERS are up and can be reached from this host`;
  return { code: 'KAFKA_AWAY', problem, passes: true };
}
