// The environment → a frozen Config: the only reader of process.env, and of what it means.
// No name is resolved here, and no file is opened except those of secrets. All faults are listed at once.

import { readFileSync } from 'node:fs';
import { didYouMean } from '../did-you-mean.ts';
import type { Fault } from '../fault.ts';
import type { Framing } from '../framing.ts';
import { kafkaFaults, plainSecrets } from './kafka-faults.ts';
import { collectorProfile } from '../pipeline/mapping/collector-profile.ts';
import { type SettingName, settings, type SettingValues } from './settings.ts';
import { isLoopback } from './text-values.ts';

/** The configuration cannot be used; the process ends with exit code 78 (EX_CONFIG). */
export class ConfigError extends Error {
  readonly code = 'CONFIG';
  override readonly name = 'ConfigError';
  readonly faults: readonly Fault[];

  /** `warnings` are listed too: a misspelt variable is often why another is missing. */
  constructor(faults: readonly Fault[], warnings: readonly Fault[] = []) {
    const line = ({ where, problem }: Fault) => `  ${where}: ${problem}`;
    const count = faults.length === 1 ? '1 fault' : `${faults.length} faults`;
    const hints = warnings.length === 0 ? [] : ['Warnings:', ...warnings.map(line)];
    super([`${count} in the configuration:`, ...faults.map(line), ...hints].join('\n'));
    this.faults = faults;
  }
}

export type Config = Readonly<SettingValues>;

interface ConfigReading {
  /** Undefined when there are faults. */
  readonly config: Config | undefined;
  /** What could be read, for those who look for more faults. */
  readonly partial: Partial<SettingValues>;
  readonly faults: readonly Fault[];
  readonly warnings: readonly Fault[];
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** The environment of this process. */
export const processEnvironment = (): Environment => process.env;

/** What a setting's value is shown as where it must not be. */
const hidden = '***';

/** Reads all settings; an empty variable counts as not set. */
export function readConfig(env: Environment): ConfigReading {
  const partial: Record<string, unknown> = {};
  const faults: Fault[] = [];
  for (const name of Object.keys(settings) as SettingName[]) {
    const given = givenFor(name, env);
    if (typeof given === 'object') {
      faults.push(given);
      continue;
    }
    const text = given ?? settings[name].default;
    if (text === undefined) continue;
    const parsed = settings[name].schema.safeParse(text);
    if (parsed.success) partial[name] = parsed.data;
    else {
      const problems = parsed.error.issues.map(({ message }) => message).join('; ');
      faults.push({ where: name, problem: `${JSON.stringify(shown(name, text))} ${problems}` });
    }
  }
  faults.push(...crossFaults(partial, faults));
  const config = faults.length === 0 ? Object.freeze(partial as unknown as Config) : undefined;
  const warnings = [
    ...unknownVariables(env),
    ...plainCredentials(partial),
    ...plainSecrets(partial),
    ...settingsOfOthers(env, partial),
  ];
  return { config, partial, faults, warnings };
}

const isSecret = (name: SettingName): boolean => 'secret' in settings[name];

/** The value as it may be shown: secrets, and the user and password of a URL, are not in it. */
export function shown(name: SettingName, text: string): string {
  if (isSecret(name)) return hidden;
  return text.replace(/(\w+:\/\/)[^/@\s,]*@/g, `$1${hidden}@`);
}

/** What was given for a setting, where: by its variable, or a secret by the file NAME_FILE names. */
export function givenFor(name: SettingName, env: Environment): string | Fault | undefined {
  const given = env[name]?.trim();
  const where = `${name}_FILE`;
  const file = isSecret(name) ? env[where]?.trim() : undefined;
  if (file === undefined || file === '') return given === '' ? undefined : given;
  if (given) return { where, problem: `is set, and so is ${name}; remove one of them` };
  try {
    const text = readFileSync(file, 'utf8').replace(/\r?\n$/, '');
    return text === '' ? { where, problem: `${file} is empty; write the secret into it` } : text;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    return { where, problem: `${file} cannot be read (${code}); name a readable file` };
  }
}

/**
 * The framing of topics for which none is said: undefined where it has to be, because with both a
 * registry and schema files 0x00 may begin a frame or a bare datum.
 */
export function defaultFraming(config: Partial<SettingValues>): Framing | undefined {
  const { SCHEMA_REGISTRY_URL: registry, AVRO_SCHEMA_FILE: files } = config;
  if (registry !== undefined && files !== undefined) return undefined;
  return { form: registry === undefined ? 'bare' : 'confluent', base64: false };
}

/** What becomes of a bad event, where ON_BAD_EVENT does not say it. */
export const onBadEvent = ({ ON_BAD_EVENT, DLQ_TOPIC }: Partial<SettingValues>) =>
  ON_BAD_EVENT ?? (DLQ_TOPIC === undefined ? 'stop' : 'dead-letter');

/** How long a group waits for its members to rejoin; what kafkajs is given. */
export const rebalanceTimeoutMs = 60_000;

// Faults that only show in several variables together. A variable that has a fault already gets no other.
function* crossFaults(values: Partial<SettingValues>, found: readonly Fault[]): Iterable<Fault> {
  const blamed = new Set(found.map(({ where }) => where));
  const required = (where: SettingName, fix: string): Fault[] =>
    values[where] === undefined && !blamed.has(where)
      ? [{ where, problem: `is not set; ${fix}` }]
      : [];
  yield* required('COLLECTORS', 'name the collector, as in COLLECTORS=ipfix://192.0.2.1:4739');
  if (values.INPUT_FILE === undefined) {
    yield* required(
      'KAFKA_BROKERS',
      'name the brokers, as in KAFKA_BROKERS=kafka-1:9092,kafka-2:9092',
    );
    yield* required('KAFKA_TOPICS', 'name the topics, as in KAFKA_TOPICS=flows');
    yield* required('KAFKA_GROUP_ID', 'name the consumer group, as in KAFKA_GROUP_ID=kafka2ipfix');
  } else if ((values.WORKERS ?? 1) > 1) {
    yield { where: 'WORKERS', problem: 'a file has one reader; set WORKERS=1 with INPUT_FILE' };
  }
  const session = values.KAFKA_SESSION_TIMEOUT;
  const drain = values.KAFKA_DRAIN_TIMEOUT;
  if (session !== undefined && drain !== undefined && drain >= session) {
    yield {
      where: 'KAFKA_DRAIN_TIMEOUT',
      problem: `${drain}ms is not below KAFKA_SESSION_TIMEOUT (${session}ms): the broker would not wait that long; lower it`,
    };
  } else if (drain !== undefined && drain >= rebalanceTimeoutMs) {
    yield {
      where: 'KAFKA_DRAIN_TIMEOUT',
      problem: `${drain}ms is not below ${rebalanceTimeoutMs}ms, the longest that a group waits for a member in a rebalance; lower it`,
    };
  }
  const domain = values.OBSERVATION_DOMAIN_ID;
  const workers = values.WORKERS;
  if (typeof domain === 'number' && workers && domain + workers - 1 > 0xffff_ffff) {
    yield {
      where: 'OBSERVATION_DOMAIN_ID',
      problem: `with ${workers} Workers it exceeds 4294967295; lower it`,
    };
  }
  yield* senderFaults(values);
  yield* profileFaults(values);
  yield* registryFaults(values);
  yield* deadLetterFaults(values);
  yield* kafkaFaults(values);
}

function* profileFaults(values: Partial<SettingValues>): Iterable<Fault> {
  const { COLLECTOR_PROFILE: name = 'generic' } = values;
  if (collectorProfile(name).takesOptions) return;
  for (const where of optionsSettings) {
    const value = values[where];
    if (value === undefined || value === false) continue;
    const problem = `asks for Options Records, which COLLECTOR_PROFILE=${name} does not support; remove one of the two`;
    yield { where, problem };
  }
}

const optionsSettings = [
  'EXPORT_STATISTICS',
  'EXPORT_FLOW_KEYS',
  'EXPORT_ELEMENT_TYPES',
  'EXPORT_SAMPLING_RATE',
] as const satisfies readonly SettingName[];

function* deadLetterFaults(values: Partial<SettingValues>): Iterable<Fault> {
  const { DLQ_TOPIC: topic, KAFKA_TOPICS: topics = [], INPUT_FILE: input } = values;
  const where = topic === undefined ? 'ON_BAD_EVENT' : 'DLQ_TOPIC';
  if (onBadEvent(values) === 'dead-letter') {
    if (input !== undefined) {
      const problem =
        'an input file has no messages that could become dead letters; set ON_BAD_EVENT=discard';
      yield { where, problem };
    } else if (topic === undefined) {
      yield { where, problem: 'dead-letter needs a topic; set DLQ_TOPIC' };
    }
  }
  if (topic !== undefined && topics.includes(topic)) {
    const problem = `${topic} is one of KAFKA_TOPICS: dead letters would be read again endlessly; name another topic`;
    yield { where, problem };
  }
}

function* registryFaults(values: Partial<SettingValues>): Iterable<Fault> {
  const {
    SCHEMA_REGISTRY_USERNAME: user,
    SCHEMA_REGISTRY_PASSWORD: password,
    SCHEMA_REGISTRY_TOKEN: token,
    SCHEMA_REGISTRY_TLS_CERT_FILE: cert,
    SCHEMA_REGISTRY_TLS_KEY_FILE: key,
  } = values;
  const pairs = [
    ['SCHEMA_REGISTRY_USERNAME', user, 'SCHEMA_REGISTRY_PASSWORD', password],
    ['SCHEMA_REGISTRY_TLS_CERT_FILE', cert, 'SCHEMA_REGISTRY_TLS_KEY_FILE', key],
  ] as const;
  for (const [one, given, other, too] of pairs) {
    if ((given === undefined) === (too === undefined)) continue;
    const [where, there] = given === undefined ? [one, other] : [other, one];
    yield { where, problem: `is not set, and ${there} is; set both or none` };
  }
  if (user !== undefined && token !== undefined) {
    const problem = 'is set, and so is SCHEMA_REGISTRY_USERNAME; remove one of them';
    yield { where: 'SCHEMA_REGISTRY_TOKEN', problem };
  }
  if (values.SCHEMA_REGISTRY_URL !== undefined) return;
  const orphans = [
    ...['SCHEMA_REGISTRY_USERNAME', 'SCHEMA_REGISTRY_PASSWORD', 'SCHEMA_REGISTRY_TOKEN'],
    ...['SCHEMA_REGISTRY_TLS_CA_FILE', 'SCHEMA_REGISTRY_TLS_CERT_FILE', 'SCHEMA_SUBJECT'],
  ] as SettingName[];
  for (const where of orphans) {
    if (values[where] === undefined) continue;
    yield {
      where,
      problem: 'has no effect without SCHEMA_REGISTRY_URL; set it too, or remove this one',
    };
  }
}

function plainCredentials(values: Partial<SettingValues>): Fault[] {
  const { SCHEMA_REGISTRY_URL: urls = [] } = values;
  const named = values.SCHEMA_REGISTRY_USERNAME ?? values.SCHEMA_REGISTRY_TOKEN;
  return urls.flatMap((text) => {
    const url = new URL(text);
    const hasCredentials = named !== undefined || url.username !== '';
    if (url.protocol !== 'http:' || !hasCredentials || isLoopback(url.hostname)) return [];
    const problem = `sends credentials to ${url.host} without TLS; use https://`;
    return [{ where: 'SCHEMA_REGISTRY_URL', problem }];
  });
}

const ofUdpAlone = [
  ...['PATH_MTU', 'SOURCE_ADDRESS', 'SOURCE_PORT', 'UDP_SENDER', 'COLLECTOR_RESOLVE_INTERVAL'],
  ...['TEMPLATE_REFRESH_INTERVAL', 'TEMPLATE_REFRESH_MESSAGES'],
] as SettingName[];
const ofFilesAlone = ['FILE_ROTATE_INTERVAL', 'FILE_ROTATE_BYTES', 'FILE_SYNC'] as SettingName[];

/** What is set and does nothing where the collector is a file, or where it is none. */
function settingsOfOthers(env: Environment, { COLLECTORS }: Partial<SettingValues>): Fault[] {
  if (COLLECTORS === undefined) return [];
  const isFile = 'file' in COLLECTORS;
  const problem = isFile
    ? 'does not apply to files; it is ignored'
    : 'applies to COLLECTORS=file:path only; it is ignored';
  return (isFile ? ofUdpAlone : ofFilesAlone)
    .filter((name) => givenFor(name, env) !== undefined)
    .map((where) => ({ where, problem }));
}

/** Timers fire once a millisecond at best: a bucket has to last for two. */
const burstsASecondMax = 500;

function* senderFaults(values: Partial<SettingValues>): Iterable<Fault> {
  const {
    SOURCE_PORT: port,
    WORKERS: workers,
    EXPORT_BURST: burst,
    EXPORT_RATE_LIMIT: rate,
  } = values;
  const extra = values.EXPORT_STATISTICS === undefined ? 0 : 1;
  if (port !== undefined && workers !== undefined && port + workers + extra - 1 > 65_535) {
    const and = extra === 0 ? '' : ' and EXPORT_STATISTICS';
    const problem = `with ${workers} Workers${and} it exceeds 65535; lower it`;
    yield { where: 'SOURCE_PORT', problem };
  }
  const window = values.CONFIRM_WINDOW;
  for (const where of ['KAFKA_DRAIN_TIMEOUT', 'SHUTDOWN_TIMEOUT'] as const) {
    const timeout = values[where];
    if (window === undefined || timeout === undefined || timeout === 0 || window < timeout)
      continue;
    const problem = `${timeout}ms is not above CONFIRM_WINDOW (${window}ms): nothing could be settled in this time; raise it`;
    yield { where, problem };
  }
  if (burst !== undefined && rate !== undefined && burst < rate / burstsASecondMax) {
    const least = Math.ceil(rate / burstsASecondMax);
    yield {
      where: 'EXPORT_BURST',
      problem: `${burst} is too small for the rate; at least ${least}`,
    };
  }
  if (burst !== undefined && rate === undefined) {
    yield {
      where: 'EXPORT_BURST',
      problem: 'has no effect without EXPORT_RATE_LIMIT; set it too, or remove this one',
    };
  }
}

const prefixes =
  /^(KAFKA|AVRO|SCHEMA|MAPPING|COLLECTOR|EXPORT|TEMPLATE|OBSERVATION|FLUSH|COMMIT|CONFIRM|IN_FLIGHT|FILE_ROTATE|DLQ)S?_/;
/** So near to a setting's name, a variable of another prefix is meant for us too. */
const misspeltBy = 2;

/** Variables that look like ours and are not: a misspelt one must not pass in silence. */
function unknownVariables(env: Environment): Fault[] {
  const names = Object.keys(settings) as SettingName[];
  const known = [...names, ...names.filter(isSecret).map((name) => `${name}_FILE`)];
  return Object.keys(env).flatMap((where) => {
    if (known.includes(where)) return [];
    const isOurs = prefixes.test(where);
    const near = didYouMean(where, known, isOurs ? undefined : misspeltBy);
    if (near === undefined && !isOurs) return [];
    const fix = near === undefined ? 'it is ignored' : `it is ignored; did you mean ${near}?`;
    return [{ where, problem: `is not a setting; ${fix}` }];
  });
}
