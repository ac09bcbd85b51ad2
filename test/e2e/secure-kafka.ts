// A broker that speaks TLS and SASL, with an authority of its own: one listener for each way.

import { homedir } from 'node:os';
import { join } from 'node:path';
import { freePort } from '../../demo/broker/free-port.ts';
import { kafkaJars } from '../../demo/broker/kafka-jars.ts';
import { type KafkaNode, startKafkaNode } from '../../demo/broker/kafka-jvm.ts';
import { Certificates } from './certificates.ts';

export interface SecureKafka {
  /** Plain, without authentication. */
  readonly plain: string;
  /** TLS, and any SASL mechanism. */
  readonly secure: string;
  /** The same with a certificate that has expired. */
  readonly expired: string;
  /** TLS, with certificates of clients. */
  readonly mutual: string;
  readonly certificates: Certificates;
  stop(): Promise<void>;
}

export const username = 'alice';

const security = 'org.apache.kafka.common.security';

function saslOf(listener: string, password: string): Record<string, string> {
  const prefix = `listener.name.${listener}`;
  const scram = `${security}.scram.ScramLoginModule required;`;
  return {
    [`${prefix}.sasl.enabled.mechanisms`]: 'PLAIN,SCRAM-SHA-256,SCRAM-SHA-512,OAUTHBEARER',
    [`${prefix}.plain.sasl.jaas.config`]: `${security}.plain.PlainLoginModule required user_${username}="${password}";`,
    [`${prefix}.scram-sha-256.sasl.jaas.config`]: scram,
    [`${prefix}.scram-sha-512.sasl.jaas.config`]: scram,
    // Tokens without a signature, which is all that a test needs.
    [`${prefix}.oauthbearer.sasl.jaas.config`]: `${security}.oauthbearer.OAuthBearerLoginModule required unsecuredLoginStringClaim_sub="broker";`,
  };
}

const keystoreOf = (listener: string, path: string): Record<string, string> => ({
  [`listener.name.${listener}.ssl.keystore.type`]: 'PEM',
  [`listener.name.${listener}.ssl.keystore.location`]: path,
});

export async function startSecureKafka(password: string): Promise<SecureKafka> {
  const certificates = new Certificates();
  certificates.authority('ca');
  certificates.authority('stranger');
  certificates.certificate('broker', 'ca');
  certificates.certificate('old', 'ca', { days: -1 });
  certificates.certificate('client', 'ca');
  const address = async () => `127.0.0.1:${await freePort('127.0.0.1')}`;
  const [secure, expired, mutual] = [await address(), await address(), await address()];
  const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
  const node: KafkaNode = await startKafkaNode({
    jars,
    listeners: {
      SECURE: { address: secure, protocol: 'SASL_SSL' },
      EXPIRED: { address: expired, protocol: 'SASL_SSL' },
      MUTUAL: { address: mutual, protocol: 'SSL' },
    },
    scram: ['SCRAM-SHA-256', 'SCRAM-SHA-512'].map(
      (mechanism) => `${mechanism}=[name=${username},password=${password}]`,
    ),
    properties: {
      ...saslOf('secure', password),
      ...saslOf('expired', password),
      ...keystoreOf('secure', certificates.keystore('broker')),
      ...keystoreOf('expired', certificates.keystore('old')),
      ...keystoreOf('mutual', certificates.keystore('broker')),
      'listener.name.mutual.ssl.client.auth': 'required',
      'listener.name.mutual.ssl.truststore.type': 'PEM',
      'listener.name.mutual.ssl.truststore.location': certificates.path('ca.pem'),
    },
  });
  return {
    ...{ plain: node.broker, secure, expired, mutual, certificates },
    async stop() {
      await node.stop();
      certificates.remove();
    },
  };
}

/** A token that says who one is, for an hour. */
export function unsignedToken(subject = username, lifeS = 3_600): string {
  const nowS = Math.floor(Date.now() / 1000);
  const part = (json: object) => Buffer.from(JSON.stringify(json)).toString('base64url');
  const claims = { sub: subject, iat: nowS, exp: nowS + lifeS };
  return `${part({ alg: 'none' })}.${part(claims)}.`;
}
