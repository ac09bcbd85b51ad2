// Each setting: what it takes, what it makes of it, and what it says where it does not.

import { describe, expect, test } from 'vitest';
import { type SettingName, settings } from '../../src/config/settings.ts';

const names = Object.keys(settings) as SettingName[];

/** The value, or the messages of a refusal. */
function parsed(name: SettingName, text: string): unknown {
  const result = settings[name].schema.safeParse(text);
  return result.success
    ? result.data
    : result.error.issues.map(({ message }) => message).join('; ');
}

const isRefused = (name: SettingName, text: string) =>
  !settings[name].schema.safeParse(text).success;

describe.each(names)('%s', (name) => {
  const { description, example } = settings[name];
  const given = 'default' in settings[name] ? settings[name].default : undefined;

  test('takes its default and its example', () => {
    if (given !== undefined) expect(isRefused(name, given)).toBe(false);
    expect(isRefused(name, example)).toBe(false);
    expect(example).not.toBe(given);
  });

  test('says in sentences what it is for', () => {
    expect(description).toMatch(/^[A-Z"a-z][^]*[.]$/);
    expect(description.length).toBeGreaterThan(20);
  });
});

test('names are in upper case, and the same name is not there twice', () => {
  for (const name of names) expect(name).toMatch(/^[A-Z]+(_[A-Z]+)*$/);
  expect(new Set(names).size).toBe(names.length);
});

describe('durations', () => {
  test.each([
    ['FLUSH_INTERVAL', '1ms', 1],
    ['FLUSH_INTERVAL', '500ms', 500],
    ['FLUSH_INTERVAL', '0.5s', 500],
    ['FLUSH_INTERVAL', '10m', 600_000],
    ['TEMPLATE_REFRESH_INTERVAL', '24h', 86_400_000],
    ['TEMPLATE_REFRESH_INTERVAL', '100ms', 100],
    ['KAFKA_DRAIN_TIMEOUT', '0s', 0],
    ['COMMIT_INTERVAL', '1h', 3_600_000],
    ['CONFIRM_WINDOW', '1m', 60_000],
  ] as const)('%s=%s is %i ms', (name, text, ms) => {
    expect(parsed(name, text)).toBe(ms);
  });

  test.each([
    ['FLUSH_INTERVAL', '0ms', 'is too short; at least 1ms'],
    ['FLUSH_INTERVAL', '601s', 'is too long; at most 600s'],
    ['TEMPLATE_REFRESH_INTERVAL', '99ms', 'is too short; at least 100ms'],
    ['TEMPLATE_REFRESH_INTERVAL', '25h', 'is too long; at most 86400s'],
    ['KAFKA_SESSION_TIMEOUT', '999ms', 'is too short; at least 1000ms'],
    ['COMMIT_INTERVAL', '9ms', 'is too short; at least 10ms'],
    ['CONFIRM_WINDOW', '61s', 'is too long; at most 60s'],
  ] as const)('%s=%s %s', (name, text, problem) => {
    expect(parsed(name, text)).toBe(problem);
  });

  test.each(['5', '5 s', 's', '-5s', '5S', '5d', '1e3ms', '.5s', '5.s', '1h30m', 'Infinitys'])(
    '"%s" is none',
    (text) => {
      expect(parsed('COMMIT_INTERVAL', text)).toBe(
        'is not a duration; write it as 500ms, 5s or 10m',
      );
    },
  );
});

describe('sizes', () => {
  test.each([
    ['32MiB', 33_554_432],
    ['1048576', 1_048_576],
    ['1024KiB', 1_048_576],
    ['16GiB', 2 ** 34],
    ['64 MiB', 67_108_864],
  ])('%s is %i octets', (text, octets) => {
    expect(parsed('IN_FLIGHT_BYTES', text)).toBe(octets);
  });

  test.each(['1048575', '17GiB', `${2 ** 34 + 1}`, '9'.repeat(400)])(
    '%s is out of range',
    (text) => {
      expect(parsed('IN_FLIGHT_BYTES', text)).toBe('is out of range; 1048576 to 17179869184 bytes');
    },
  );

  test.each(['32MB', '32M', '1.5MiB', '-1', 'MiB', '0x100000', ''])('"%s" is none', (text) => {
    expect(parsed('IN_FLIGHT_BYTES', text)).toBe('is not a size; write it as 32MiB or in bytes');
  });
});

describe('whole numbers', () => {
  test.each([
    ['WORKERS', 1, 64],
    ['MAX_TEMPLATES', 1, 4096],
    ['SOURCE_PORT', 1, 65_535],
    ['EXPORT_RATE_LIMIT', 1, 1_000_000_000],
    ['EXPORT_BURST', 1, 1_000_000_000],
    ['TEMPLATE_REFRESH_MESSAGES', 1, 1_000_000_000],
  ] as const)('%s is %i to %i', (name, low, high) => {
    expect(parsed(name, String(low))).toBe(low);
    expect(parsed(name, String(high))).toBe(high);
    for (const n of [low - 1, high + 1]) {
      expect(parsed(name, String(n))).toBe(`is out of range; ${low} to ${high}`);
    }
    for (const text of ['1.0', '-1', '+1', '0x1', '1e1', 'one', '']) {
      expect(parsed(name, text)).toBe(`is not a whole number; ${low} to ${high}`);
    }
  });
});

describe('OBSERVATION_DOMAIN_ID', () => {
  const refusal = 'is neither "auto" nor a number from 1 to 4294967295';

  test('is a number, never 0, or auto', () => {
    expect(parsed('OBSERVATION_DOMAIN_ID', '1')).toBe(1);
    expect(parsed('OBSERVATION_DOMAIN_ID', '4294967295')).toBe(4_294_967_295);
    expect(parsed('OBSERVATION_DOMAIN_ID', 'auto')).toBe('auto');
  });

  test.each(['0', '4294967296', '-1', '1.0', '0x1', 'Auto'])('is not %s', (text) => {
    expect(parsed('OBSERVATION_DOMAIN_ID', text)).toBe(refusal);
  });
});

describe('Options Records', () => {
  test('of statistics are named by kind, each once', () => {
    const kinds = ['metering', 'exporting-reliability'];
    expect(parsed('EXPORT_STATISTICS', 'metering, exporting-reliability,metering')).toEqual(kinds);
    for (const text of ['on', 'metering,all', 'metering,,']) {
      expect(isRefused('EXPORT_STATISTICS', text)).toBe(true);
    }
  });

  test('of Flow Keys are named by elements, by pairs of them, and by PEN/id', () => {
    const names = ['protocolIdentifier', 'sourceAddress', '32473/7'];
    expect(parsed('EXPORT_FLOW_KEYS', names.join())).toEqual(names);
    for (const text of ['sourcePort', 'protocolIdentifier,x', '32473/']) {
      expect(isRefused('EXPORT_FLOW_KEYS', text)).toBe(true);
    }
  });
});

describe('COLLECTORS', () => {
  test('without a port is at 4739 (RFC 7011 §10.1), and any other can be said', () => {
    expect(parsed('COLLECTORS', 'ipfix://collector.example')).toMatchObject({ port: 4739 });
    expect(parsed('COLLECTORS', 'ipfix://collector.example:1')).toMatchObject({ port: 1 });
  });

  test.each([
    ['ipfix://192.0.2.1:4739', { host: '192.0.2.1', port: 4739 }],
    ['ipfix://collector.example', { host: 'collector.example', port: 4739 }],
    ['ipfix://collector.example:2055/', { host: 'collector.example', port: 2055 }],
    ['ipfix://[2001:db8::1]:9995', { host: '2001:db8::1', port: 9995 }],
    ['ipfix://[::1]', { host: '::1', port: 4739 }],
    ['file:flows.ipfix', { file: 'flows.ipfix' }],
    ['file:/var/flows/flows.ipfix', { file: '/var/flows/flows.ipfix' }],
    ['file:///var/flows/flows', { file: '/var/flows/flows' }],
  ])('%s', (text, collector) => {
    expect(parsed('COLLECTORS', text)).toEqual(collector);
  });

  test.each([
    ['192.0.2.1:4739', 'is not a collector; write it as ipfix://host:4739 or file:path'],
    ['ipfix://host:0', 'has a port out of range; 1 to 65535'],
    ['ipfix://host:65536', 'has a port out of range; 1 to 65535'],
    ['file:', 'does not name a file; write it as file:/var/flows/flows.ipfix'],
    ['file:/var/flows/', 'does not name a file; write it as file:/var/flows/flows.ipfix'],
    ['file://host/flows.ipfix', 'does not name a file; write it as file:/var/flows/flows.ipfix'],
    ['file:a.ipfix,ipfix://b', 'names 2 collectors; exactly one is supported, keep one'],
    ['ipfix://a,ipfix://b', 'names 2 collectors; exactly one is supported, keep one'],
    ['ipfix://a,', 'has an empty item; separate items by single commas'],
  ])('%s %s', (text, problem) => {
    expect(parsed('COLLECTORS', text)).toBe(problem);
  });
});

describe('the others', () => {
  test('KAFKA_BROKERS is a list of host:port', () => {
    expect(parsed('KAFKA_BROKERS', 'a:9092, [::1]:9093')).toEqual(['a:9092', '[::1]:9093']);
    expect(parsed('KAFKA_BROKERS', 'a:9092,b')).toBe(
      '"b" is not host:port; write it as kafka-1:9092',
    );
    expect(parsed('KAFKA_BROKERS', 'a:9092,,b:9092')).toContain('has an empty item');
  });

  test('KAFKA_TOPICS is a list of topic names', () => {
    expect(parsed('KAFKA_TOPICS', 'flows, flows.v2')).toEqual(['flows', 'flows.v2']);
    expect(parsed('KAFKA_TOPICS', 'a b')).toContain('"a b" is not a topic name');
    expect(isRefused('KAFKA_TOPICS', 'a'.repeat(250))).toBe(true);
  });

  test('KAFKA_AUTO_OFFSET_RESET is a word or a time', () => {
    expect(parsed('KAFKA_AUTO_OFFSET_RESET', 'earliest')).toBe('earliest');
    expect(parsed('KAFKA_AUTO_OFFSET_RESET', '2026-07-01T00:00:00Z')).toBe(Date.UTC(2026, 6, 1));
    for (const text of ['none', '2026', '2026-13-01', '1234567890']) {
      expect(parsed('KAFKA_AUTO_OFFSET_RESET', text)).toContain('is not latest, earliest');
    }
  });

  test('PATH_MTU is "auto" or octets', () => {
    expect([parsed('PATH_MTU', 'auto'), parsed('PATH_MTU', '1450')]).toEqual(['auto', 1450]);
    expect(parsed('PATH_MTU', '511')).toBe('is out of range; 512 to 65535, or "auto"');
    expect(parsed('PATH_MTU', '65536')).toBe('is out of range; 512 to 65535, or "auto"');
    expect(parsed('PATH_MTU', '1.5k')).toBe('is neither "auto" nor a number of bytes');
  });

  test('words are one of those that are listed', () => {
    expect(parsed('ON_BAD_EVENT', 'discard')).toBe('discard');
    expect(parsed('ON_BAD_EVENT', 'Stop')).toBe('is not one of stop, dead-letter, discard');
    expect(parsed('LOG_LEVEL', 'trace')).toBe('is not one of debug, info, warn, error');
    expect(parsed('LOG_FORMAT', 'text')).toBe('is not one of auto, json, pretty');
  });
});
