// The environment as a whole: all faults at once, faults between settings, and what is misspelt.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError, type Environment, onBadEvent, readConfig } from '../../src/config/config.ts';
import { type SettingName, settings } from '../../src/config/settings.ts';

const kafka: Environment = {
  KAFKA_BROKERS: 'kafka-1:9092',
  KAFKA_TOPICS: 'flows',
  KAFKA_GROUP_ID: 'kafka2ipfix',
  COLLECTORS: 'ipfix://192.0.2.1',
};

const faultsOf = (env: Environment) =>
  readConfig(env).faults.map(({ where, problem }) => `${where}: ${problem}`);

/** `WORKERS=2 SOURCE_PORT=65535` beside what Kafka needs. */
const kafkaWith = (text: string): Environment => ({
  ...kafka,
  ...Object.fromEntries(text.split(' ').map((one) => one.split('=') as [string, string])),
});

const names = Object.keys(settings) as SettingName[];

describe('a good environment', () => {
  test('with what is required alone has the defaults', () => {
    const { config, faults, warnings } = readConfig(kafka);
    expect([faults, warnings]).toEqual([[], []]);
    expect(config).toEqual({
      KAFKA_BROKERS: ['kafka-1:9092'],
      KAFKA_TOPICS: ['flows'],
      KAFKA_GROUP_ID: 'kafka2ipfix',
      KAFKA_CLIENT_ID: 'kafka2ipfix',
      KAFKA_AUTO_OFFSET_RESET: 'latest',
      KAFKA_SESSION_TIMEOUT: 30_000,
      KAFKA_FETCH_MAX_BYTES: 10 * 2 ** 20,
      KAFKA_FETCH_MAX_BYTES_PER_PARTITION: 2 ** 20,
      KAFKA_FETCH_MAX_WAIT: 250,
      KAFKA_BATCH_BYTES: 64 * 2 ** 20,
      KAFKA_CHECK_CRCS: true,
      KAFKA_DRAIN_TIMEOUT: 10_000,
      KAFKA_TLS: false,
      KAFKA_METADATA_MAX_AGE: 60_000,
      AVRO_MESSAGE_BYTES: 16_777_216,
      SCHEMA_REGISTRY_TIMEOUT: 5000,
      SCHEMA_REGISTRY_UNKNOWN_TTL: 60_000,
      COLLECTORS: { host: '192.0.2.1', port: 4739 },
      PATH_MTU: 'auto',
      UDP_SENDER: 'auto',
      COLLECTOR_PROFILE: 'generic',
      COLLECTOR_RESOLVE_INTERVAL: 60_000,
      FILE_ROTATE_INTERVAL: 3_600_000,
      FILE_ROTATE_BYTES: 1_073_741_824,
      FILE_SYNC: true,
      COMPILED_PAINTER: true,
      OBSERVATION_DOMAIN_ID: 1,
      WORKERS: 1,
      FLUSH_INTERVAL: 500,
      TEMPLATE_REFRESH_INTERVAL: 60_000,
      TEMPLATE_REFRESH_MESSAGES: 4096,
      EXPORT_ELEMENT_TYPES: false,
      OPTIONS_REFRESH_INTERVAL: 60_000,
      MAX_TEMPLATES: 64,
      COMMIT_INTERVAL: 1000,
      CONFIRM_WINDOW: 100,
      IN_FLIGHT_BYTES: 33_554_432,
      SHUTDOWN_TIMEOUT: 20_000,
      HTTP_LISTEN: { host: '127.0.0.1', port: 9464 },
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'auto',
      LOG_STATUS_INTERVAL: 60_000,
    });
  });

  test('with every example at once is good, but for a file beside several Workers', () => {
    const examples: Record<string, string> = Object.fromEntries(
      names.map((name) => [name, settings[name].example]),
    );
    // The profile of a collector that takes no Options Records excludes the settings that ask for them.
    delete examples['COLLECTOR_PROFILE'];
    // Only one of the two ways to authenticate can be used.
    delete examples['SCHEMA_REGISTRY_TOKEN'];
    for (const name of Object.keys(examples)) {
      if (name.startsWith('KAFKA_SASL_OAUTH_')) Reflect.deleteProperty(examples, name);
    }
    expect(faultsOf({ ...examples, INPUT_FILE: '' })).toEqual([]);
    expect(faultsOf(examples).map((fault) => fault.split(':')[0])).toEqual(['WORKERS']);
  });

  test('cannot be changed any more', () => {
    const { config } = readConfig(kafka);
    expect(Object.isFrozen(config)).toBe(true);
    expect(Object.isFrozen(config?.COLLECTORS)).toBe(true);
  });

  test('may have spaces around a value, and an empty variable is not set', () => {
    const { config } = readConfig({ ...kafka, WORKERS: ' 3 ', LOG_LEVEL: '', PATH_MTU: '  ' });
    expect(config).toMatchObject({ WORKERS: 3, LOG_LEVEL: 'info', PATH_MTU: 'auto' });
  });

  test('needs nothing of Kafka where a file is read', () => {
    const { COLLECTORS } = kafka;
    expect(faultsOf({ COLLECTORS, INPUT_FILE: 'flows.avro' })).toEqual([]);
  });
});

describe('faults', () => {
  test('are all reported at once, each with its variable, what was read, and what to write', () => {
    const wrong = 'KAFKA_GROUP_ID= FLUSH_INTERVAL=5 WORKERS=many PATH_MTU=100 LOG_FORMAT=text';
    const { config, partial } = readConfig(kafkaWith(wrong));
    expect(config).toBeUndefined();
    expect(partial).toMatchObject({ COMMIT_INTERVAL: 1000, KAFKA_TOPICS: ['flows'] });
    expect(faultsOf(kafkaWith(wrong))).toEqual([
      'PATH_MTU: "100" is out of range; 512 to 65535, or "auto"',
      'WORKERS: "many" is not a whole number; 1 to 64',
      'FLUSH_INTERVAL: "5" is not a duration; write it as 500ms, 5s or 10m',
      'LOG_FORMAT: "text" is not one of auto, json, pretty',
      'KAFKA_GROUP_ID: is not set; name the consumer group, as in KAFKA_GROUP_ID=kafka2ipfix',
    ]);
  });

  test('of an empty environment name all that is required, with an example each', () => {
    const faults = faultsOf({});
    expect(faults).toHaveLength(4);
    for (const name of Object.keys(kafka)) {
      const own = faults.find((fault) => fault.startsWith(`${name}: is not set; name `))!;
      expect(own).toMatch(new RegExp(`as in ${name}=\\S+$`));
    }
  });

  test('blame a variable once: what cannot be read is not missing too', () => {
    expect(faultsOf({ ...kafka, COLLECTORS: 'nowhere' })).toHaveLength(1);
    expect(faultsOf({ ...kafka, KAFKA_BROKERS: 'nowhere' })).toHaveLength(1);
  });

  test('make one message, with hints of what else was noticed', () => {
    const faults = ['WORKERS', 'PATH_MTU'].map((where) => ({ where, problem: 'is wrong' }));
    expect(new ConfigError(faults.slice(1))).toMatchObject({
      code: 'CONFIG',
      message: '1 fault in the configuration:\n  PATH_MTU: is wrong',
    });
    expect(new ConfigError(faults, [{ where: 'WORKER', problem: 'is unknown' }]).message).toBe(
      '2 faults in the configuration:\n  WORKERS: is wrong\n  PATH_MTU: is wrong\n' +
        'Warnings:\n  WORKER: is unknown',
    );
  });

  test.each([
    ['KAFKA_BROKERS', ['kafka-1:0', 'kafka-1:65536', 'kafka-1:9092,[::1]:99999']],
    ['KAFKA_AUTO_OFFSET_RESET', ['2026-02-31', '2026-02-29T00:00Z', '2026-07-01T25:00Z']],
    ['KAFKA_AUTO_OFFSET_RESET', ['2026-07-01T00:00', '2026-07-01 junk (x)', '2026-07-01x']],
  ])('are ports and times that are none: %s is not one of %j', (name, texts) => {
    for (const text of texts) expect(faultsOf({ ...kafka, [name]: text })).toHaveLength(1);
  });
});

describe('what becomes of a bad event', () => {
  const policy = (text: string) => onBadEvent(readConfig(kafkaWith(text)).partial);

  test('is what ON_BAD_EVENT says, else to stop, or a dead letter where there is a topic', () => {
    expect(policy('WORKERS=1')).toBe('stop');
    expect(policy('DLQ_TOPIC=dead')).toBe('dead-letter');
    expect(policy('DLQ_TOPIC=dead ON_BAD_EVENT=discard')).toBe('discard');
    expect(faultsOf(kafkaWith('DLQ_TOPIC=dead'))).toEqual([]);
  });

  test.each([
    ['ON_BAD_EVENT=dead-letter', 'ON_BAD_EVENT: dead-letter needs a topic; set DLQ_TOPIC'],
    [
      'DLQ_TOPIC=flows',
      'DLQ_TOPIC: flows is one of KAFKA_TOPICS: dead letters would be read again endlessly; ' +
        'name another topic',
    ],
    [
      'DLQ_TOPIC=dead INPUT_FILE=flows.avro',
      'DLQ_TOPIC: an input file has no messages that could become dead letters; set ON_BAD_EVENT=discard',
    ],
    [
      'DLQ_TOPIC=dead/letters',
      'DLQ_TOPIC: "dead/letters" is not a topic name; use only letters, digits, ".", "_" and "-"',
    ],
  ])('is a fault with %s', (text, fault) => {
    expect(faultsOf(kafkaWith(text))).toEqual([fault]);
  });
});

describe('TLS and SASL towards Kafka', () => {
  const needs = (mechanism: string) =>
    `is not set, and KAFKA_SASL_MECHANISM=${mechanism} needs it; set it`;
  const means = (how: string) => `has no effect ${how}; remove one of the two`;

  test.each([
    'KAFKA_TLS=on',
    'KAFKA_TLS=on KAFKA_TLS_CERT_FILE=c KAFKA_TLS_KEY_FILE=k KAFKA_TLS_KEY_PASSWORD=p',
    'KAFKA_SASL_MECHANISM=SCRAM-SHA-512 KAFKA_SASL_USERNAME=u KAFKA_SASL_PASSWORD=p',
    'KAFKA_SASL_MECHANISM=oauthbearer KAFKA_SASL_OAUTH_TOKEN=t',
    'KAFKA_SASL_MECHANISM=oauthbearer KAFKA_SASL_OAUTH_TOKEN_URL=https://a/t ' +
      'KAFKA_SASL_OAUTH_CLIENT_ID=i KAFKA_SASL_OAUTH_CLIENT_SECRET=s KAFKA_SASL_OAUTH_SCOPE=o',
  ])('is well with %s', (text) => expect(faultsOf(kafkaWith(text))).toEqual([]));

  test.each([
    ['KAFKA_TLS_CA_FILE=c', [`KAFKA_TLS_CA_FILE: ${means('without KAFKA_TLS=on')}`]],
    [
      'KAFKA_TLS=on KAFKA_TLS_KEY_FILE=k',
      ['KAFKA_TLS_CERT_FILE: is not set, and KAFKA_TLS_KEY_FILE is; set both or none'],
    ],
    [
      'KAFKA_TLS=on KAFKA_TLS_KEY_PASSWORD=p',
      [`KAFKA_TLS_KEY_PASSWORD: ${means('without KAFKA_TLS_KEY_FILE')}`],
    ],
    ['KAFKA_SASL_USERNAME=u', [`KAFKA_SASL_USERNAME: ${means('without KAFKA_SASL_MECHANISM')}`]],
    [
      'KAFKA_SASL_MECHANISM=plain KAFKA_SASL_OAUTH_TOKEN=t',
      [
        `KAFKA_SASL_USERNAME: ${needs('plain')}`,
        `KAFKA_SASL_PASSWORD: ${needs('plain')}`,
        `KAFKA_SASL_OAUTH_TOKEN: ${means('with KAFKA_SASL_MECHANISM=plain')}`,
      ],
    ],
    [
      'KAFKA_SASL_MECHANISM=oauthbearer KAFKA_SASL_OAUTH_TOKEN_URL=https://a/t',
      [
        `KAFKA_SASL_OAUTH_CLIENT_ID: ${needs('oauthbearer')}`,
        `KAFKA_SASL_OAUTH_CLIENT_SECRET: ${needs('oauthbearer')}`,
      ],
    ],
    [
      'KAFKA_SASL_MECHANISM=oauthbearer KAFKA_SASL_OAUTH_TOKEN=t KAFKA_SASL_OAUTH_SCOPE=s',
      [`KAFKA_SASL_OAUTH_SCOPE: ${means('with KAFKA_SASL_OAUTH_TOKEN')}`],
    ],
  ])('is at fault with %s', (text, faults) => {
    expect(faultsOf(kafkaWith(text))).toEqual(faults);
  });

  test('warns of secrets that leave this host without TLS', () => {
    const sasl = 'KAFKA_SASL_MECHANISM=plain KAFKA_SASL_USERNAME=u KAFKA_SASL_PASSWORD=p';
    const where = (text: string) => readConfig(kafkaWith(text)).warnings.map((w) => w.where);
    expect(where(sasl)).toEqual(['KAFKA_SASL_MECHANISM']);
    expect(where(`${sasl} KAFKA_TLS=on`)).toEqual([]);
    expect(where(`${sasl} KAFKA_BROKERS=127.0.0.1:9092,localhost:9093`)).toEqual([]);
  });
});

describe('faults between settings', () => {
  const filled = (window: string) =>
    `is not above CONFIRM_WINDOW (${window}): nothing could be settled in this time; raise it`;

  test.each([
    ['WORKERS=2 INPUT_FILE=flows.avro', 'a file has one reader; set WORKERS=1 with INPUT_FILE'],
    [
      'KAFKA_DRAIN_TIMEOUT=30s',
      '30000ms is not below KAFKA_SESSION_TIMEOUT (30000ms): the broker would not wait that long; ' +
        'lower it',
    ],
    [
      'KAFKA_DRAIN_TIMEOUT=60s KAFKA_SESSION_TIMEOUT=120s',
      '60000ms is not below 60000ms, the longest that a group waits for a member in a rebalance; ' +
        'lower it',
    ],
    ['KAFKA_DRAIN_TIMEOUT=1s CONFIRM_WINDOW=1s', `1000ms ${filled('1000ms')}`],
    ['SHUTDOWN_TIMEOUT=999ms CONFIRM_WINDOW=1s', `999ms ${filled('1000ms')}`],
    [
      'OBSERVATION_DOMAIN_ID=4294967295 WORKERS=2',
      'with 2 Workers it exceeds 4294967295; lower it',
    ],
    ['SOURCE_PORT=65535 WORKERS=2', 'with 2 Workers it exceeds 65535; lower it'],
    [
      'SOURCE_PORT=65534 WORKERS=2 EXPORT_STATISTICS=metering',
      'with 2 Workers and EXPORT_STATISTICS it exceeds 65535; lower it',
    ],
    ['EXPORT_BURST=100 EXPORT_RATE_LIMIT=50001', '100 is too small for the rate; at least 101'],
    ['EXPORT_BURST=10', 'has no effect without EXPORT_RATE_LIMIT; set it too, or remove this one'],
  ])('%s', (text, problem) => {
    expect(faultsOf(kafkaWith(text))).toEqual([`${text.split('=')[0]!}: ${problem}`]);
  });

  test('that CONFIRM_WINDOW makes are reported for both timeouts', () => {
    const { faults } = readConfig(kafkaWith('CONFIRM_WINDOW=60s'));
    expect(faults).toMatchObject([{ where: 'KAFKA_DRAIN_TIMEOUT' }, { where: 'SHUTDOWN_TIMEOUT' }]);
  });

  test.each([
    'KAFKA_DRAIN_TIMEOUT=29999ms',
    'KAFKA_DRAIN_TIMEOUT=59999ms KAFKA_SESSION_TIMEOUT=60s',
    'KAFKA_DRAIN_TIMEOUT=1001ms SHUTDOWN_TIMEOUT=1001ms CONFIRM_WINDOW=1s',
    'KAFKA_DRAIN_TIMEOUT=0s SHUTDOWN_TIMEOUT=0s CONFIRM_WINDOW=60s',
    'OBSERVATION_DOMAIN_ID=4294967294 SOURCE_PORT=65534 WORKERS=2',
    'EXPORT_BURST=100 EXPORT_RATE_LIMIT=50000',
    'WORKERS=1 INPUT_FILE=flows.avro',
  ])('are none at their edges: %s', (text) => {
    expect(faultsOf(kafkaWith(text))).toEqual([]);
  });
});

describe('variables that are no settings', () => {
  const ignored = 'is not a setting; it is ignored';
  const warningsOf = (where: string) => readConfig({ ...kafka, [where]: 'x' }).warnings;

  test.each(names)('%s misspelt is reported with what may be meant', (name) => {
    const problem = `${ignored}; did you mean ${name}?`;
    for (const where of [name.slice(0, -1), `${name}X`, name[1]! + name[0]! + name.slice(2)]) {
      expect(warningsOf(where)).toEqual([{ where, problem }]);
    }
  });

  test.each(['TEMPLATE_REFRESH', 'KAFKA_INTER_BROKER_LISTENER_NAME'])('%s is reported', (where) => {
    expect(warningsOf(where)).toEqual([{ where, problem: ignored }]);
  });

  test('of other programs pass in silence', () => {
    expect(readConfig({ ...kafka, PATH: '/bin', HOME: '/', NODE_ENV: 'x' }).warnings).toEqual([]);
  });
});

test('whatever the environment is, reading it never throws; a Config comes of no fault', () => {
  const examples = names.map((name) => settings[name].example);
  const text = fc.oneof(fc.string(), fc.constantFrom(...examples, 'auto', '0', '1ms', '-'));
  const environment = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), text);
  const reads = fc.property(environment, (env) => {
    const { config, faults, warnings } = readConfig(env);
    expect(config === undefined).toBe(faults.length > 0);
    for (const { where, problem } of [...faults, ...warnings]) {
      expect(where).not.toBe('');
      expect(problem).toMatch(/[a-z]/);
    }
  });
  fc.assert(reads, { numRuns: 1000 });
});

describe('files instead of a collector', () => {
  const warningsOf = (env: Environment) =>
    readConfig(env).warnings.map(({ where, problem }) => `${where} ${problem}`);

  test('leave what is of UDP alone without effect, and it is said', () => {
    const set = kafkaWith('PATH_MTU=1400 SOURCE_PORT=9 TEMPLATE_REFRESH_MESSAGES=9 FILE_SYNC=off');
    expect(warningsOf({ ...set, COLLECTORS: 'file:flows.ipfix' })).toEqual([
      'PATH_MTU does not apply to files; it is ignored',
      'SOURCE_PORT does not apply to files; it is ignored',
      'TEMPLATE_REFRESH_MESSAGES does not apply to files; it is ignored',
    ]);
  });

  test('have settings that do nothing without them, and it is said', () => {
    expect(warningsOf(kafkaWith('FILE_SYNC=off FILE_ROTATE_BYTES=1MiB'))).toEqual([
      'FILE_ROTATE_BYTES applies to COLLECTORS=file:path only; it is ignored',
      'FILE_SYNC applies to COLLECTORS=file:path only; it is ignored',
    ]);
    expect(warningsOf(kafkaWith('FILE_ROTATE_SIZE=1MiB'))[0]).toContain('FILE_ROTATE_SIZE');
  });
});
