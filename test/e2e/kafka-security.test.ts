// TLS and SASL towards a real broker: what is right gets through, what is wrong is told at once with
// the setting to fix, and no secret is said anywhere.

import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import kafkajs from 'kafkajs';
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest';
import { settings } from '../../src/config/settings.ts';
import { type KafkaConnection, type KafkaSasl } from '../../src/sources/kafkajs/kafka-client.ts';
import { reachBrokers } from '../../src/sources/kafkajs/reach-brokers.ts';
import { runCommand } from '../support/processes/command-line.ts';
import { deadLettersIn } from '../support/kafka/dead-letters.ts';
import { startFakeRegistry } from '../support/fakes/fake-registry.ts';
import { encode, flowEvent, writerSchema } from '../support/events/flow-events.ts';
import { confluent } from '../support/events/framed.ts';
import { makeTopic } from '../../src/generator/make-topic.ts';
import { describeWithKafka } from '../support/kafka/kafka.ts';
import { Recorder } from '../support/fakes/recorder.ts';
import { everythingSaid, untilSaid } from '../support/processes/said.ts';
import { type SecureKafka, startSecureKafka, unsignedToken, username } from './secure-kafka.ts';
import { startStage } from '../support/processes/stage-process.ts';
import { stageEnv } from '../support/processes/stage-env.ts';

const password = 'canary-password-7e1f';

describeWithKafka('a broker with TLS and SASL', () => {
  let kafka: SecureKafka;
  beforeAll(async () => {
    kafka = await startSecureKafka(password);
  });
  afterAll(() => kafka.stop());

  const scram512: KafkaSasl = { mechanism: 'scram-sha-512', username, password };
  const trusted = () => ({ ca: kafka.certificates.pem('ca.pem') });

  /** "reached", or the code and the words of the fault. */
  async function reached(broker: string, security: Omit<KafkaConnection, 'brokers' | 'clientId'>) {
    const connection = { brokers: [broker], clientId: 'kafka2ipfix-test', ...security };
    try {
      await reachBrokers(connection);
      return 'reached';
    } catch (error) {
      const { code, message } = error as Error & { code: string };
      expect(message).not.toContain(password);
      return `${code}: ${message}`;
    }
  }

  async function tokenServer(answer: (authorization: string) => object | undefined) {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.headers.authorization ?? '');
      const body = answer(asked.at(-1)!);
      response.writeHead(body ? 200 : 401, { 'content-type': 'application/json' });
      request.resume().on('end', () => response.end(JSON.stringify(body ?? { error: 'no' })));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void server.close());
    return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token` };
  }

  test.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'lets %s in with the right password, and says at once that another is wrong',
    async (mechanism) => {
      const sasl = { mechanism, username, password };
      expect(await reached(kafka.secure, { tls: trusted(), sasl })).toBe('reached');
      const wrong = { ...sasl, password: `${password}x` };
      const said = await reached(kafka.secure, { tls: trusted(), sasl: wrong });
      expect(said).toMatch(
        /^KAFKA_SASL_REFUSED: .*; correct the settings that begin with KAFKA_SASL_$/,
      );
    },
  );

  test('lets a token in that was given, and refuses one that has expired', async () => {
    const sasl = (token: string): KafkaSasl => ({ mechanism: 'oauthbearer', token });
    expect(await reached(kafka.secure, { tls: trusted(), sasl: sasl(unsignedToken()) })).toBe(
      'reached',
    );
    const old = sasl(unsignedToken(username, -10));
    expect(await reached(kafka.secure, { tls: trusted(), sasl: old })).toMatch(
      /^KAFKA_SASL_REFUSED: /,
    );
  });

  test('lets a token in that was asked for by client credentials', async () => {
    const basic = `Basic ${Buffer.from(`id:${password}`).toString('base64')}`;
    const server = await tokenServer((authorization) =>
      authorization === basic ? { access_token: unsignedToken(), expires_in: 3_600 } : undefined,
    );
    const sasl = (clientSecret: string): KafkaSasl => ({
      mechanism: 'oauthbearer',
      token: { url: server.url, clientId: 'id', clientSecret },
    });
    expect(await reached(kafka.secure, { tls: trusted(), sasl: sasl(password) })).toBe('reached');
    expect(await reached(kafka.secure, { tls: trusted(), sasl: sasl(`${password}x`) })).toMatch(
      /^KAFKA_SASL_REFUSED: .*returned no token: HTTP 401; correct KAFKA_SASL_OAUTH_CLIENT_ID/,
    );
  });

  test('asks clients for certificates where it is set to', async () => {
    const { certificates } = kafka;
    const client = { cert: certificates.pem('client.pem'), key: certificates.pem('client.key') };
    expect(await reached(kafka.mutual, { tls: { ...trusted(), ...client } })).toBe('reached');
    expect(await reached(kafka.mutual, { tls: trusted() })).toMatch(
      /^KAFKA_(TLS_REFUSED|CLOSES): /,
    );
  });

  describe('is not spoken to', () => {
    test('where nobody trusted has signed its certificate', async () => {
      const tls = { ca: kafka.certificates.pem('stranger.pem') };
      const said = await reached(kafka.secure, { tls, sasl: scram512 });
      expect(said).toMatch(/^KAFKA_TLS_UNTRUSTED: .* in KAFKA_TLS_CA_FILE$/);
    });

    test('where its certificate has expired', async () => {
      const said = await reached(kafka.expired, { tls: trusted(), sasl: scram512 });
      expect(said).toMatch(/^KAFKA_TLS_EXPIRED: .* certificate has expired/);
    });

    test('under a name that its certificate does not have', async () => {
      const tls = { ...trusted(), serverName: 'other.example' };
      const said = await reached(kafka.secure, { tls, sasl: scram512 });
      expect(said).toMatch(/^KAFKA_TLS_NAME: .* KAFKA_TLS_SERVER_NAME$/);
    });

    test('in TLS where it speaks none, nor without where it does', async () => {
      expect(await reached(kafka.plain, { tls: trusted() })).toMatch(/^KAFKA_SPEAKS_NO_TLS: /);
      expect(await reached(kafka.secure, {})).toMatch(
        /^(KAFKA_SPEAKS_TLS|KAFKA_CLOSES): .*KAFKA_TLS=on/,
      );
    });
  });

  test('is written to, read and committed to by the whole stage, which says no secret', async () => {
    const secretFile = kafka.certificates.path('password');
    writeFileSync(secretFile, `${password}\n`);
    const recorder = await Recorder.listen();
    onTestFinished(() => recorder.close());
    const env = {
      ...stageEnv({
        brokers: kafka.secure,
        topic: 'flows',
        group: 'secure',
        collector: recorder.collector,
      }),
      KAFKA_TLS: 'on',
      KAFKA_TLS_CA_FILE: kafka.certificates.path('ca.pem'),
      KAFKA_SASL_MECHANISM: 'SCRAM-SHA-512',
      KAFKA_SASL_USERNAME: username,
      KAFKA_SASL_PASSWORD_FILE: secretFile,
      LOG_LEVEL: 'debug',
    };
    const generated = await runCommand(['generate', '--topic', 'flows', '--count', '1000'], {
      env,
    });
    expect(generated.code).toBe(0);
    const stage = await startStage(env);
    await recorder.untilRecords(1_000);
    expect(await stage.stop()).toBe(0);

    const wrong = { ...env, KAFKA_SASL_PASSWORD_FILE: '', KAFKA_SASL_PASSWORD: `${password}x` };
    const refused = await startStage(wrong);
    await untilSaid(refused, /correct the settings that begin with KAFKA_SASL_/);
    expect((await refused.exited).code).toBe(70);
    const shown = await runCommand(['config'], { env: wrong });
    for (const said of [
      everythingSaid(stage),
      everythingSaid(refused),
      shown.stdout,
      shown.stderr,
    ]) {
      expect(said).not.toContain(password);
    }
  });

  describe('no secret is in dead letters, logs or config', () => {
    const token = unsignedToken();
    const byPassword = {
      ...{ KAFKA_SASL_MECHANISM: 'scram-sha-512', KAFKA_SASL_USERNAME: username },
      ...{ KAFKA_SASL_PASSWORD: password, KAFKA_TLS_KEY_PASSWORD: 'canary-key-93c0' },
      ...{ SCHEMA_REGISTRY_USERNAME: 'reader', SCHEMA_REGISTRY_PASSWORD: 'canary-reader-51aa' },
    };
    const byClientSecret = {
      ...{ KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_OAUTH_CLIENT_ID: 'id' },
      ...{ KAFKA_SASL_OAUTH_CLIENT_SECRET: 'canary-client-0d7b' },
      SCHEMA_REGISTRY_TOKEN: 'canary-token-c2f4',
    };
    const byToken = { KAFKA_SASL_MECHANISM: 'oauthbearer', KAFKA_SASL_OAUTH_TOKEN: token };
    const ways: Record<string, Record<string, string>> = { byPassword, byClientSecret, byToken };
    const secretNames = Object.entries(settings)
      .filter(([, { secret }]) => secret)
      .map(([name]) => name);

    test('of all that are set here', () => {
      const set = Object.values(ways).flatMap((way) => Object.keys(way));
      expect(set).toEqual(expect.arrayContaining(secretNames));
    });

    test.each(Object.keys(ways))('of those that are set %s', async (way) => {
      const registry = await startFakeRegistry();
      const server = await tokenServer(() => ({ access_token: token, expires_in: 3_600 }));
      const recorder = await Recorder.listen();
      onTestFinished(async () => {
        await Promise.all([registry.close(), recorder.close()]);
      });
      registry.schemas.set(1, { schema: writerSchema });
      registry.schemas.set(2, { schema: '', schemaType: 'PROTOBUF' });
      const [topic, letters] = [`flows-${way}`, `letters-${way}`];
      await writeBadOnes(topic, letters);
      const env = {
        ...stageEnv({ brokers: kafka.secure, topic, group: way, collector: recorder.collector }),
        KAFKA_TLS: 'on',
        KAFKA_TLS_CA_FILE: kafka.certificates.path('ca.pem'),
        KAFKA_TLS_CERT_FILE: kafka.certificates.path('client.pem'),
        KAFKA_TLS_KEY_FILE: kafka.certificates.path('client.key'),
        SCHEMA_REGISTRY_URL: registry.url,
        DLQ_TOPIC: letters,
        LOG_LEVEL: 'debug',
        ...(way === 'byClientSecret' && { KAFKA_SASL_OAUTH_TOKEN_URL: server.url }),
        ...ways[way],
      };
      const stage = await startStage(env);
      await recorder.untilRecords(1);
      expect(await stage.stop()).toBe(0);
      const found = await deadLettersIn([kafka.plain], letters);
      expect(found.map(({ ours }) => ours['problem'])).toEqual([
        expect.stringMatching(/70000 is not unsigned16/),
        expect.stringMatching(/schema id 2 is PROTOBUF/),
        expect.any(String),
      ]);
      const config = await runCommand(['config'], { env });
      expect(config.code).toBe(0);
      const said = [
        ...[everythingSaid(stage), config.stdout, config.stderr],
        ...found.flatMap(({ key, value, ours, others }) => [
          ...[String(key), value?.toString('latin1') ?? ''],
          ...Object.values(ours),
          ...Object.values(others),
        ]),
      ].join('\n');
      for (const name of secretNames) {
        const secret = (env as Record<string, string>)[name];
        if (secret === undefined) continue;
        expect(said, name).not.toContain(secret);
        const asBasic = Buffer.from(`reader:${secret}`).toString('base64');
        expect(said, name).not.toContain(asBasic);
      }
    });

    /** A good event, and a bad one of each kind: its value, its schema, its framing. */
    async function writeBadOnes(topic: string, letters: string): Promise<void> {
      const { Kafka, logLevel, Partitioners } = kafkajs;
      const client = new Kafka({ brokers: [kafka.plain], logLevel: logLevel.NOTHING });
      const admin = client.admin();
      const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
      await Promise.all([admin.connect(), producer.connect()]);
      for (const each of [topic, letters]) await makeTopic(admin, { topic: each });
      const values = [
        confluent(1, encode(flowEvent({ sourcePort: 70_000 }))),
        confluent(2, encode(flowEvent())),
        Buffer.from('no frame'),
        confluent(1, encode(flowEvent())),
      ];
      await producer.send({ topic, messages: values.map((value) => ({ value, key: 'k' })) });
      await Promise.all([admin.disconnect(), producer.disconnect()]);
    }
  });
});
