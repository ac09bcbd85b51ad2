// The environment as a whole: all faults at once, faults between settings, and what is misspelt.

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError, type Environment, readConfig } from '../src/config.ts';
import { type SettingName, settings } from '../src/settings.ts';

const kafka: Environment = {
  KAFKA_BROKERS: 'kafka-1:9092',
  KAFKA_TOPICS: 'flows',
  KAFKA_GROUP_ID: 'kafka2ipfix',
  COLLECTORS: 'ipfix://192.0.2.1',
};
const file: Environment = { INPUT_FILE: 'flows.avro', COLLECTORS: 'ipfix://192.0.2.1' };

const faultsOf = (env: Environment) =>
  readConfig(env).faults.map(({ where, problem }) => `${where}: ${problem}`);

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
      KAFKA_DRAIN_TIMEOUT: 10_000,
      COLLECTORS: { host: '192.0.2.1', port: 4739 },
      PATH_MTU: 'auto',
      OBSERVATION_DOMAIN_ID: 1,
      WORKERS: 1,
      FLUSH_INTERVAL: 500,
      TEMPLATE_REFRESH_INTERVAL: 60_000,
      TEMPLATE_REFRESH_MESSAGES: 4096,
      MAX_TEMPLATES: 64,
      COMMIT_INTERVAL: 1000,
      CONFIRM_WINDOW: 100,
      IN_FLIGHT_BYTES: 33_554_432,
      ON_BAD_EVENT: 'stop',
      SHUTDOWN_TIMEOUT: 20_000,
      LOG_LEVEL: 'info',
      LOG_FORMAT: 'auto',
    });
  });

  test('with every example at once is good, but for a file beside several Workers', () => {
    const examples = Object.fromEntries(names.map((name) => [name, settings[name].example]));
    expect(faultsOf({ ...examples, INPUT_FILE: '' })).toEqual([]);
    expect(faultsOf(examples).map((fault) => fault.split(':')[0])).toEqual(['WORKERS']);
  });

  test('cannot be changed any more', () => {
    const { config } = readConfig(kafka);
    expect(Object.isFrozen(config)).toBe(true);
  });

  test('may have spaces around a value, and an empty variable is not set', () => {
    const { config } = readConfig({ ...kafka, WORKERS: ' 3 ', LOG_LEVEL: '', PATH_MTU: '  ' });
    expect(config).toMatchObject({ WORKERS: 3, LOG_LEVEL: 'info', PATH_MTU: 'auto' });
  });

  test('needs nothing of Kafka where a file is read', () => {
    expect(faultsOf(file)).toEqual([]);
  });
});

describe('faults', () => {
  test('are all told at once, each with its variable, what was read, and what to write', () => {
    const { config, partial, faults } = readConfig({
      ...kafka,
      KAFKA_GROUP_ID: undefined,
      FLUSH_INTERVAL: '5',
      WORKERS: 'many',
      PATH_MTU: '100',
      LOG_FORMAT: 'text',
    });
    expect(config).toBeUndefined();
    expect(partial).toMatchObject({ COMMIT_INTERVAL: 1000, KAFKA_TOPICS: ['flows'] });
    expect(faults).toEqual([
      { where: 'PATH_MTU', problem: '"100" is out of range; 512 to 65535, or "auto"' },
      { where: 'WORKERS', problem: '"many" is not a whole number; 1 to 64' },
      {
        where: 'FLUSH_INTERVAL',
        problem: '"5" is not a duration; write it as 500ms, 5s or 10m',
      },
      { where: 'LOG_FORMAT', problem: '"text" is none of auto, json, pretty' },
      {
        where: 'KAFKA_GROUP_ID',
        problem: 'is not set; name the consumer group, as in KAFKA_GROUP_ID=kafka2ipfix',
      },
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
    const where = 'WORKERS';
    expect(new ConfigError([{ where, problem: 'is wrong' }])).toMatchObject({
      code: 'CONFIG',
      message: '1 fault in the configuration:\n  WORKERS: is wrong',
    });
    const two = [
      { where, problem: 'is wrong' },
      { where: 'PATH_MTU', problem: 'too' },
    ];
    const { message } = new ConfigError(two, [{ where: 'WORKER', problem: 'is not a setting' }]);
    expect(message.split('\n')).toEqual([
      '2 faults in the configuration:',
      '  WORKERS: is wrong',
      '  PATH_MTU: too',
      'Also noticed:',
      '  WORKER: is not a setting',
    ]);
  });
});

describe('faults between settings', () => {
  test.each([
    [{ ...file, WORKERS: '2' }, 'WORKERS: a file has one reader; set WORKERS=1 with INPUT_FILE'],
    [
      { ...kafka, KAFKA_DRAIN_TIMEOUT: '30s' },
      'KAFKA_DRAIN_TIMEOUT: 30000ms is not below KAFKA_SESSION_TIMEOUT (30000ms): the broker ' +
        'would not wait so long; lower it',
    ],
    [
      { ...kafka, OBSERVATION_DOMAIN_ID: '4294967295', WORKERS: '2' },
      'OBSERVATION_DOMAIN_ID: with 2 Workers it passes 4294967295; lower it',
    ],
    [
      { ...kafka, EXPORT_BURST: '10' },
      'EXPORT_BURST: has no meaning without EXPORT_RATE_LIMIT; set that too',
    ],
  ])('%o', (env, fault) => {
    expect(faultsOf(env)).toEqual([fault]);
  });

  test('are none at their edges', () => {
    expect(faultsOf({ ...kafka, KAFKA_DRAIN_TIMEOUT: '29999ms' })).toEqual([]);
    expect(faultsOf({ ...kafka, OBSERVATION_DOMAIN_ID: '4294967294', WORKERS: '2' })).toEqual([]);
    expect(faultsOf({ ...kafka, EXPORT_BURST: '10', EXPORT_RATE_LIMIT: '1' })).toEqual([]);
    expect(faultsOf({ ...file, WORKERS: '1' })).toEqual([]);
  });
});

describe('variables that are no settings', () => {
  test.each([
    ['KAFKA_TOPIC', 'is not a setting; it is ignored; did you mean KAFKA_TOPICS?'],
    ['EXPORT_RATELIMIT', 'is not a setting; it is ignored; did you mean EXPORT_RATE_LIMIT?'],
    ['TEMPLATE_REFRESH', 'is not a setting; it is ignored'],
    ['IN_FLIGHT_BYTE', 'is not a setting; it is ignored; did you mean IN_FLIGHT_BYTES?'],
    ['KAFKA_INTER_BROKER_LISTENER_NAME', 'is not a setting; it is ignored'],
  ])('%s %s', (where, problem) => {
    const { warnings, faults } = readConfig({ ...kafka, [where]: 'x' });
    expect(faults).toEqual([]);
    expect(warnings).toEqual([{ where, problem }]);
  });

  test('of other programs pass in silence', () => {
    expect(readConfig({ ...kafka, PATH: '/bin', HOME: '/', NODE_ENV: 'x' }).warnings).toEqual([]);
  });
});

test('whatever the environment is, reading it never throws; a Config comes of no fault', () => {
  const text = fc.oneof(
    fc.string(),
    fc.constantFrom(...names.flatMap((name) => [settings[name].example, 'auto', '0', '1ms', '-'])),
  );
  const anyEnvironment = fc.dictionary(fc.oneof(fc.constantFrom(...names), fc.string()), text);
  fc.assert(
    fc.property(anyEnvironment, (env) => {
      const { config, faults, warnings } = readConfig(env);
      expect(config === undefined).toBe(faults.length > 0);
      for (const { where, problem } of [...faults, ...warnings]) {
        expect(where).not.toBe('');
        expect(problem).toMatch(/[a-z]/);
      }
    }),
    { numRuns: 1000 },
  );
});
