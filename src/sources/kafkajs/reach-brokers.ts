// The first word with the brokers: brokers that are away are waited for, a fault of TLS, of a secret or
// of an address is reported at once, with the setting to fix.

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

interface Finding {
  readonly code: string;
  readonly problem: string;
  /** It may be otherwise in a moment. */
  readonly passes?: true;
}

const waitMaxMs = 60_000;
const pauseMinMs = 250;
const pauseMaxMs = 5_000;
/** A broker that is being started closes connections, too. */
const closingsMax = 3;

/** Resolves when a broker was connected to, with TLS and SASL. Throws KafkaUnreachableError. */
export async function reachBrokers(connection: KafkaConnection): Promise<void> {
  const startMs = performance.now();
  let closings = 0;
  // Its own retries would hide for half a minute what cannot pass.
  const kafka = kafkaClient(connection, undefined, { retries: 0 });
  for (let pauseMs = pauseMinMs; ; pauseMs = Math.min(pauseMaxMs, 2 * pauseMs)) {
    const admin = kafka.admin();
    let isConnected = false;
    try {
      await admin.connect();
      isConnected = true;
      await admin.describeCluster();
      return;
    } catch (error) {
      const finding =
        isConnected && connection.sasl?.mechanism === 'oauthbearer'
          ? tokenRefused
          : findingFor(causeOf(error), connection);
      closings += finding.code === 'KAFKA_CLOSES' ? 1 : 0;
      const isOver = performance.now() - startMs > waitMaxMs || closings >= closingsMax;
      if (!finding.passes || isOver) {
        const where = connection.brokers.join(', ');
        throw new KafkaUnreachableError(finding.code, `${where}: ${finding.problem}`, error);
      }
      await new Promise((resolve) => setTimeout(resolve, pauseMs));
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }
}

/** kafkajs takes the broker's answer to a bad token for consent; then the connection is closed. */
const tokenRefused: Finding = {
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
): Finding {
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

function tlsFinding(code: string, message: string): Finding | undefined {
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

function elseFinding(name: string | undefined, message: string): Finding {
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
