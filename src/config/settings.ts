// Every setting: its name, type, default and meaning. docs/settings.md is generated from here.

import { z } from 'zod';
import { type Collector, collectorFrom } from './collector-setting.ts';
import { collectorProfileNames } from '../pipeline/mapping/collector-profile.ts';
import { elementChoice } from '../pipeline/mapping/element-choice.ts';
import { type StatisticsKind, statisticsKinds } from '../pipeline/options/statistics.ts';
import { type Framing, framingForms, framingFromText } from '../framing.ts';
import {
  durationFrom,
  endpointFrom,
  isBroker,
  type Listen,
  sizeFrom,
  sourceAddressFrom,
  unitMs,
  ValueError,
  wholeNumberFrom,
} from './text-values.ts';

interface Setting<T> {
  readonly schema: z.ZodType<T>;
  /** The default as it would be written; undefined where there is none. */
  readonly default?: string;
  readonly example: string;
  readonly description: string;
  /** Never shown; NAME_FILE may name a file that holds it. */
  readonly secret?: true;
  /** Nothing works without it. */
  readonly required?: true;
}

/** A row: its type says whether there is always a value, because it has a default or is required. */
const setting = <T, const R extends Omit<Setting<T>, 'schema'>>(
  schema: z.ZodType<T>,
  rest: R,
): Setting<T> & Pick<R, keyof R & ('default' | 'required')> => ({ schema, ...rest });

const refuse = (context: z.RefinementCtx, message: string): never => {
  context.addIssue({ code: 'custom', message });
  return z.NEVER;
};

/** Text of a form that docs/settings.md names. */
const written = (form: string) => z.string().describe(form);

/** The form of a setting's value: what its schema says of itself, or of what it reads. */
export function formOf(schema: z.ZodType): string {
  if (schema.description !== undefined) return schema.description;
  return schema instanceof z.ZodPipe ? formOf(schema.in as z.ZodType) : 'text';
}

/** A ValueError of `parse` is the setting's fault. */
const parsed =
  <I, O>(parse: (input: I) => O) =>
  (input: I, context: z.RefinementCtx): O => {
    try {
      return parse(input);
    } catch (error) {
      if (!(error instanceof ValueError)) throw error;
      return refuse(context, error.message);
    }
  };

const duration = (minMs: number, maxMs = 24 * unitMs.h) =>
  written('duration').transform(parsed((text) => durationFrom(text, minMs, maxMs)));

const octets = (min: number, max: number) =>
  written('size').transform(parsed((text) => sizeFrom(text, min, max)));

const wholeNumber = (min: number, max: number) =>
  written(`number, ${min} to ${max}`).transform(parsed((text) => wholeNumberFrom(text, min, max)));

const oneOf = <const T extends string>(...words: T[]) =>
  written(words.join(' or ')).transform((text, context): T => {
    const word = words.find((w) => w === text);
    return word ?? refuse(context, `is not one of ${words.join(', ')}`);
  });

/** The schema's form, or `off`. */
const offOr = <T>(schema: z.ZodPipe<z.ZodString, z.ZodTransform<T, string>>) =>
  written(`${formOf(schema)}, or off`).transform((text, context): T | 'off' => {
    if (text === 'off') return text;
    const read = schema.safeParse(text);
    return read.success ? read.data : refuse(context, `${read.error.issues[0]?.message}, or off`);
  });

const onOff = oneOf('on', 'off').transform((word) => word === 'on');

const list = written('list').transform((text, context) => {
  const items = text.split(',').map((item) => item.trim());
  return items.includes('')
    ? refuse(context, 'has an empty item; separate items by single commas')
    : Object.freeze(items);
});

const brokers = list.transform((items, context) => {
  const wrong = items.find((item) => !isBroker(item));
  return wrong === undefined
    ? items
    : refuse(context, `"${wrong}" is not host:port; write it as kafka-1:9092`);
});

const isTopic = (name: string): boolean => /^[\w.-]{1,249}$/.test(name);
const topicRule = 'use only letters, digits, ".", "_" and "-"';

const topics = list.transform((items, context) => {
  const wrong = items.find((item) => !isTopic(item));
  return wrong === undefined
    ? items
    : refuse(context, `"${wrong}" is not a topic name; ${topicRule}`);
});

const topic = z
  .string()
  .transform((name, context) =>
    isTopic(name) ? name : refuse(context, `is not a topic name; ${topicRule}`),
  );

const collectors = list.transform(
  parsed(([item = '', ...more]: readonly string[]): Collector => {
    if (more.length === 0) return Object.freeze(collectorFrom(item));
    throw new ValueError(`names ${more.length + 1} collectors; exactly one is supported, keep one`);
  }),
);

const sourceAddress = z.string().transform(parsed(sourceAddressFrom));

const httpListen = z.string().transform((text, context): Listen | 'off' => {
  if (text === 'off') return text;
  const listen = endpointFrom(text);
  return listen
    ? Object.freeze(listen)
    : refuse(
        context,
        'is not host:port with a port up to 65535; write it as 127.0.0.1:9464, or off',
      );
});

const hostNames = list.transform((items, context) => {
  const wrong = items.find(
    (item) => item !== '*' && !/^[a-z\d_]([a-z\d_.-]*[a-z\d_])?$/i.test(item),
  );
  return wrong === undefined
    ? items
    : refuse(context, `"${wrong}" is not a host name; remove scheme, port and path`);
});

const pathMtu = z.string().transform((text, context): number | 'auto' => {
  if (text === 'auto') return text;
  if (!/^\d+$/.test(text)) return refuse(context, 'is neither "auto" nor a number of bytes');
  const mtu = Number(text);
  if (mtu < 512 || mtu > 65_535) return refuse(context, 'is out of range; 512 to 65535, or "auto"');
  return mtu;
});

const domainId = written('number, or auto').transform((text, context): number | 'auto' => {
  if (text === 'auto') return text;
  const id = Number(text);
  if (/^\d+$/.test(text) && id >= 1 && id <= 0xffff_ffff) return id;
  return refuse(context, 'is neither "auto" nor a number from 1 to 4294967295');
});

const offsetReset = written('word or time').transform((text, context) => {
  if (text === 'latest' || text === 'earliest' || text === 'error') return text;
  const isTime = /^\d{4}-\d\d-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d))?$/.test(text);
  const day = text.slice(0, 10);
  const midnight = new Date(`${day}T00:00:00Z`);
  // JavaScript takes the 31st of February for the 3rd of March.
  const exists = !Number.isNaN(midnight.getTime()) && midnight.toJSON().startsWith(day);
  const ms = isTime && exists ? Date.parse(text) : Number.NaN;
  return Number.isNaN(ms)
    ? refuse(context, 'is not latest, earliest, error, or a time such as 2026-07-01T00:00:00Z')
    : ms;
});

const text = z.string();

const framing = written('word').transform((word, context): Framing => {
  const known = framingFromText(word);
  return (
    known ?? refuse(context, `is not one of ${framingForms.join(', ')}, each also with +base64`)
  );
});

const urls = list.transform((items, context) => {
  for (const item of items) {
    const url = URL.canParse(item) ? new URL(item) : undefined;
    if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      return refuse(
        context,
        'is not an http:// or https:// URL; write it as https://registry:8081',
      );
    }
    if (url.search !== '' || url.hash !== '') {
      return refuse(context, 'has a URL with a query or a fragment; end it with the path');
    }
  }
  return items;
});

const oneUrl = urls.transform(([url = '', ...more], context) =>
  more.length === 0 ? url : refuse(context, 'names several URLs; keep one'),
);

const mechanisms = ['plain', 'scram-sha-256', 'scram-sha-512', 'oauthbearer'] as const;

/** Kafka writes them in capitals. */
const mechanism = z.string().transform((word, context) => {
  const known = mechanisms.find((name) => name === word.toLowerCase());
  return known ?? refuse(context, `is not one of ${mechanisms.join(', ')}`);
});

const statistics = list.transform((items, context): readonly StatisticsKind[] => {
  const kinds = items.flatMap((item) => statisticsKinds.find((kind) => kind === item) ?? []);
  return kinds.length === items.length
    ? Object.freeze([...new Set(kinds)])
    : refuse(context, `may only contain ${statisticsKinds.join(', ')}`);
});

const elementNames = list.transform((items, context) => {
  const wrong = items.find((item) => !elementChoice(item) && !/^\d+\/\d+$/.test(item));
  return wrong === undefined
    ? items
    : refuse(
        context,
        `"${wrong}" is not an element; use IANA's name, the name of a pair, or PEN/id`,
      );
});

const subjects = list.transform((items) =>
  Object.freeze(Object.fromEntries(items.map((item) => subjectOf(item)))),
);

/** `topic=subject`; a word without `=` is the subject of all topics. */
function subjectOf(item: string): [topic: string, subject: string] {
  const at = item.indexOf('=');
  return at < 0 ? ['*', item] : [item.slice(0, at), item.slice(at + 1)];
}

export const settings = {
  KAFKA_BROKERS: setting(brokers, {
    example: 'kafka-1:9092,kafka-2:9092',
    description:
      'Brokers to connect to first; they name the others. Required unless INPUT_FILE is set.',
  }),
  KAFKA_TOPICS: setting(topics, {
    example: 'flows',
    description: 'Topics to read, separated by commas. Required unless INPUT_FILE is set.',
  }),
  KAFKA_GROUP_ID: setting(text, {
    example: 'kafka2ipfix',
    description:
      'The consumer group. Processes with the same group share the partitions. Required unless INPUT_FILE is set.',
  }),
  KAFKA_CLIENT_ID: setting(text, {
    default: 'kafka2ipfix',
    example: 'kafka2ipfix-eu',
    description:
      'The name of this client, which the brokers see exactly as it is set: in their logs, and for quotas. All Workers use the same name.',
  }),
  KAFKA_AUTO_OFFSET_RESET: setting(offsetReset, {
    default: 'latest',
    example: 'earliest',
    description:
      'Where a group without a committed offset begins: latest, earliest, error, or a time such as 2026-07-01T00:00:00Z (a day without a time begins at midnight UTC). The position is committed at once. With error, the process also stops if retention removed records that were not read.',
  }),
  KAFKA_SESSION_TIMEOUT: setting(duration(1_000, 30 * unitMs.m), {
    default: '30s',
    example: '45s',
    description: 'After this time without a heartbeat, a member is removed from the group.',
  }),
  KAFKA_METADATA_MAX_AGE: setting(duration(100, unitMs.h), {
    default: '60s',
    example: '5m',
    description:
      'How often metadata is refreshed: new partitions and moved brokers are noticed within this time.',
  }),
  KAFKA_FETCH_MAX_BYTES: setting(octets(2 ** 10, 2 ** 30), {
    default: '10MiB',
    example: '4MiB',
    description:
      'Maximum size of one response of a broker. Only a single batch that is larger exceeds it.',
  }),
  KAFKA_FETCH_MAX_BYTES_PER_PARTITION: setting(octets(2 ** 10, 2 ** 30), {
    default: '1MiB',
    example: '512KiB',
    description: 'Maximum size of the part of each partition in a response.',
  }),
  KAFKA_FETCH_MAX_WAIT: setting(duration(1, 10 * unitMs.s), {
    default: '250ms',
    example: '100ms',
    description:
      'How long a broker waits for new records before it answers. Heartbeats wait too, so a long time delays rebalances.',
  }),
  KAFKA_BATCH_BYTES: setting(octets(2 ** 10, 2 ** 30), {
    default: '64MiB',
    example: '16MiB',
    description:
      'Maximum size of a record batch after decompression. A larger batch is one bad event.',
  }),
  KAFKA_CHECK_CRCS: setting(onOff, {
    default: 'on',
    example: 'off',
    description: 'on: check the CRC-32C of each record batch.',
  }),
  KAFKA_DRAIN_TIMEOUT: setting(duration(0, 10 * unitMs.m), {
    default: '10s',
    example: '5s',
    description: 'How long a rebalance waits until the events in flight are sent and committed.',
  }),
  KAFKA_TLS: setting(onOff, {
    default: 'off',
    example: 'on',
    description:
      'on: use TLS for the connections to the brokers. Their certificates are always checked.',
  }),
  KAFKA_TLS_CA_FILE: setting(text, {
    example: '/etc/kafka2ipfix/ca.pem',
    description: 'Certificates of the authorities to trust instead of those of the system.',
  }),
  KAFKA_TLS_CERT_FILE: setting(text, {
    example: '/etc/kafka2ipfix/client.pem',
    description: 'The client certificate, if the brokers require one.',
  }),
  KAFKA_TLS_KEY_FILE: setting(text, {
    example: '/etc/kafka2ipfix/client.key',
    description: 'The private key of the client certificate.',
  }),
  KAFKA_TLS_KEY_PASSWORD: setting(text, {
    secret: true,
    example: '***',
    description: 'Passphrase of the private key.',
  }),
  KAFKA_TLS_SERVER_NAME: setting(text, {
    example: 'kafka.example.net',
    description:
      'The name in the certificates of the brokers, if it differs from the host names in use.',
  }),
  KAFKA_SASL_MECHANISM: setting(mechanism, {
    example: 'scram-sha-512',
    description: 'plain, scram-sha-256, scram-sha-512 or oauthbearer. Default: no authentication.',
  }),
  KAFKA_SASL_USERNAME: setting(text, {
    example: 'kafka2ipfix',
    description: 'For plain and scram: the user name.',
  }),
  KAFKA_SASL_PASSWORD: setting(text, {
    secret: true,
    example: '***',
    description: 'For plain and scram: the password.',
  }),
  KAFKA_SASL_OAUTH_TOKEN_URL: setting(oneUrl, {
    example: 'https://login.example.net/oauth2/token',
    description:
      'For oauthbearer: URL that issues tokens for client credentials. Tokens are renewed in time.',
  }),
  KAFKA_SASL_OAUTH_CLIENT_ID: setting(text, {
    example: 'kafka2ipfix',
    description: 'For oauthbearer: the client ID.',
  }),
  KAFKA_SASL_OAUTH_CLIENT_SECRET: setting(text, {
    secret: true,
    example: '***',
    description: 'For oauthbearer: the client secret.',
  }),
  KAFKA_SASL_OAUTH_SCOPE: setting(text, {
    example: 'kafka',
    description: 'For oauthbearer: the scope to request.',
  }),
  KAFKA_SASL_OAUTH_TOKEN: setting(text, {
    secret: true,
    example: '***',
    description: 'For oauthbearer: a fixed token that is not renewed, instead of a URL.',
  }),
  INPUT_FILE: setting(text, {
    example: 'flows.avro',
    description:
      'An Avro container file to read instead of Kafka; - for standard input. It may contain several files one after the other. If it is damaged, events before the damage are exported and the process exits with code 65; with ON_BAD_EVENT=discard, events after it are exported too.',
  }),
  AVRO_FRAMING: setting(framing, {
    example: 'confluent',
    description:
      'How a message contains its datums: confluent, apicurio8, single-object, bare, bare-many, ocf; each also as base64 text, as in bare+base64. Default: confluent with a registry, bare with a schema file; with both it must be set. MAPPING_FILE can set it for each topic.',
  }),
  AVRO_SCHEMA_FILE: setting(list, {
    example: '/etc/kafka2ipfix/flow.avsc',
    description:
      'Avro schemas that the events were written with, separated by commas; a folder stands for its .avsc files. Bare datums need exactly one. Default: schemas/flow-event.avsc of this package.',
  }),
  AVRO_READER_SCHEMA_FILE: setting(text, {
    example: '/etc/kafka2ipfix/reader.avsc',
    description:
      'Reader schema: events are resolved to it by the rules of Avro, whichever schema they were written with. The mapping then refers to its fields.',
  }),
  AVRO_MESSAGE_BYTES: setting(octets(1024, 2 ** 28), {
    default: '16MiB',
    example: '1MiB',
    description: 'Maximum size of a Kafka message. A longer one is a bad event and is not decoded.',
  }),
  MAPPING_FILE: setting(text, {
    example: '/etc/kafka2ipfix/mapping.yaml',
    description:
      'Which field becomes which Information Element, for each topic; see docs/mapping.md.',
  }),
  MAPPING_PRESET: setting(list, {
    example: 'pmacct',
    description: 'Built-in mappings for topics that MAPPING_FILE gives none; see docs/presets.md.',
  }),
  COMPILED_PAINTER: setting(onOff, {
    default: 'on',
    example: 'off',
    description:
      'on: use code generated for each schema and mapping, and the interpreter for events that this code does not support. off: interpreter only; same output, slower.',
  }),
  SCHEMA_REGISTRY_URL: setting(urls, {
    example: 'https://registry-1:8081,https://registry-2:8081',
    description: 'Schema registries with the Confluent REST API. They are tried in order.',
  }),
  SCHEMA_REGISTRY_USERNAME: setting(text, {
    example: 'kafka2ipfix',
    description: 'User name for basic authentication.',
  }),
  SCHEMA_REGISTRY_PASSWORD: setting(text, {
    secret: true,
    example: '***',
    description: 'Password for basic authentication.',
  }),
  SCHEMA_REGISTRY_TOKEN: setting(text, {
    secret: true,
    example: '***',
    description: 'Token for bearer authentication.',
  }),
  SCHEMA_REGISTRY_TLS_CA_FILE: setting(text, {
    example: '/etc/kafka2ipfix/ca.pem',
    description: 'Certificates of the authorities to trust instead of those of the system.',
  }),
  SCHEMA_REGISTRY_TLS_CERT_FILE: setting(text, {
    example: '/etc/kafka2ipfix/client.pem',
    description: 'The client certificate, if the registry requires one.',
  }),
  SCHEMA_REGISTRY_TLS_KEY_FILE: setting(text, {
    example: '/etc/kafka2ipfix/client.key',
    description: 'The private key of the client certificate.',
  }),
  SCHEMA_REGISTRY_TIMEOUT: setting(duration(100, 5 * unitMs.m), {
    default: '5s',
    example: '2s',
    description: 'Maximum time of one request, including its response.',
  }),
  SCHEMA_REGISTRY_UNKNOWN_TTL: setting(duration(0), {
    default: '60s',
    example: '10m',
    description: 'How long an id that the registry does not know is not requested again.',
  }),
  SCHEMA_SUBJECT: setting(subjects, {
    example: 'flows=flows-value',
    description:
      'For validate and map: the subject in the registry whose newest schema is read, for each topic. A subject without a topic is for all topics.',
  }),
  COLLECTORS: setting(collectors, {
    required: true,
    example: 'ipfix://192.0.2.1:4739',
    description:
      'Where to send: exactly one ipfix://host:port, or file:path to write IPFIX files. All addresses of a host name are tried, in the order of the system’s resolver (RFC 6724), until one does not refuse. IPv6: ipfix://[2001:db8::1]:4739; link-local: ipfix://[fe80::1%25eth0]:4739. Multicast and broadcast addresses are refused: losses are never detected there. Required.',
  }),
  PATH_MTU: setting(pathMtu.describe('number of bytes, or auto'), {
    default: 'auto',
    example: '1450',
    description:
      'MTU of the path in bytes, including IP and UDP headers. auto: the MTU of the outgoing interface, at most 1500, or 512 if it is unknown. A value above the MTU of the interface is an error.',
  }),
  COLLECTOR_PROFILE: setting(oneOf(...collectorProfileNames), {
    default: 'generic',
    example: 'go-ipfix',
    description:
      'What the collecting program supports. go-ipfix: lengths as in its registry, one Template in a Message, no element that it refuses, no Options. fixed-length: lengths as in IANA’s registry, no variable lengths, one Template in a Message, no Options. See docs/interop.md.',
  }),
  SOURCE_ADDRESS: setting(sourceAddress, {
    example: '192.0.2.7',
    description: 'The local address to send from. Default: chosen by the system.',
  }),
  SOURCE_PORT: setting(wholeNumber(1, 65_535), {
    example: '20001',
    description: 'The local port to send from; Worker i adds i. Default: chosen by the system.',
  }),
  UDP_SENDER: setting(oneOf('auto', 'batch', 'dgram'), {
    default: 'auto',
    example: 'dgram',
    description:
      'How datagrams are sent. batch (Linux only): many in one system call, never fragmented, and a decrease of the path MTU is detected. dgram: one by one, on every system. auto: batch if it is available, else dgram.',
  }),
  COLLECTOR_RESOLVE_INTERVAL: setting(duration(unitMs.s), {
    default: '60s',
    example: '10s',
    description:
      'How often the host name of the collector is resolved again. After a refusal it is resolved at once.',
  }),
  FILE_ROTATE_INTERVAL: setting(duration(unitMs.s), {
    default: '1h',
    example: '5m',
    description:
      'A file ends at each multiple of this interval, in UTC. The next file begins with the next record.',
  }),
  FILE_ROTATE_BYTES: setting(octets(2 ** 20, 2 ** 44), {
    default: '1GiB',
    example: '256MiB',
    description: 'Maximum file size. A new file is started before it is exceeded.',
  }),
  FILE_SYNC: setting(onOff, {
    default: 'on',
    example: 'off',
    description:
      'on: an offset is committed after the disk has the data below it (fsync). off: after the kernel has it; this survives a crash of the process, but not of the machine.',
  }),
  OBSERVATION_DOMAIN_ID: setting(domainId, {
    default: '1',
    example: '257',
    description:
      'The Observation Domain ID of Worker 0; Worker i adds i. Processes behind one address need separate ranges. auto: from the host name: the number at its end, as in a StatefulSet, × 256 + 1, else a range above 2147483648 by its hash, as in a container.',
  }),
  WORKERS: setting(wholeNumber(1, 64), {
    default: '1',
    example: '4',
    description:
      'Number of threads. Each one is a member of the group with its own socket and Observation Domain.',
  }),
  FLUSH_INTERVAL: setting(duration(1, 10 * unitMs.m), {
    default: '500ms',
    example: '200ms',
    description:
      'Maximum time that the first record of a Message waits before the Message is sent.',
  }),
  TEMPLATE_REFRESH_INTERVAL: setting(duration(100), {
    default: '60s',
    example: '30s',
    description: 'Templates are sent again at least this often.',
  }),
  TEMPLATE_REFRESH_MESSAGES: setting(wholeNumber(1, 1_000_000_000), {
    default: '4096',
    example: '1000',
    description: 'Templates are sent again after this number of Messages.',
  }),
  EXPORT_STATISTICS: setting(statistics, {
    example: 'metering,exporting-reliability',
    description:
      'Statistics of the process to send as Options Records, in Observation Domain 0 and from a separate port (with SOURCE_PORT: the one after those of the Workers), separated by commas. metering: Messages, Flow Records and bytes sent, by domain. metering-reliability: messages that AVRO_MESSAGE_BYTES discarded, by domain. exporting-reliability: events discarded, with the first and last time. Set it in only one of the processes behind one address. Default: none.',
  }),
  EXPORT_FLOW_KEYS: setting(elementNames, {
    example: 'sourceAddress,destinationAddress,sourceTransportPort',
    description:
      'Information Elements to announce as Flow Keys (RFC 7011 §4.4): one Options Record for each Template, in the Observation Domain of the flows. nfdump counts these records as lost flows. A Template with a key after its 64th field is skipped. Default: none.',
  }),
  EXPORT_ELEMENT_TYPES: setting(onOff, {
    default: 'off',
    example: 'on',
    description:
      'on: send type and name of enterprise-specific elements (RFC 5610) as Options Records, in the Observation Domain of the flows. nfdump counts these records as lost flows.',
  }),
  EXPORT_SAMPLING_RATE: setting(wholeNumber(1, 0xffff_ffff), {
    example: '1000',
    description:
      'Announce that all flows of this process were sampled at this rate, one packet in N: as an Options Record in the Observation Domain of the flows. nfdump counts these records as lost flows. Default: not announced; a rate in the events is exported with them.',
  }),
  OPTIONS_REFRESH_INTERVAL: setting(duration(100), {
    default: '60s',
    example: '10m',
    description: 'How often Options Records (statistics, Flow Keys, types, sampling) are sent.',
  }),
  MAX_TEMPLATES: setting(wholeNumber(1, 4096), {
    default: '64',
    example: '128',
    description: 'Maximum number of active Templates. The least recently used one is replaced.',
  }),
  COMMIT_INTERVAL: setting(duration(10, unitMs.h), {
    default: '1s',
    example: '5s',
    description: 'How often offsets are committed. This limits the duplicates after a crash.',
  }),
  CONFIRM_WINDOW: setting(duration(1, unitMs.m), {
    default: '100ms',
    example: '250ms',
    description:
      'A sent Message is settled if it is not refused within this time. For files: how long Messages wait to be synced together.',
  }),
  IN_FLIGHT_BYTES: setting(octets(2 ** 20, 2 ** 34), {
    default: '32MiB',
    example: '64MiB',
    description:
      'Limit of the Messages that each Worker keeps until they are settled. Reading pauses above it.',
  }),
  EXPORT_RATE_LIMIT: setting(wholeNumber(1, 1_000_000_000), {
    example: '50000',
    description: 'Maximum number of Data Records per second, for each Worker. Default: no limit.',
  }),
  EXPORT_BURST: setting(wholeNumber(1, 1_000_000_000), {
    example: '1000',
    description:
      'Data Records that EXPORT_RATE_LIMIT allows at once. Default: the number of 20 ms.',
  }),
  ON_BAD_EVENT: setting(oneOf('stop', 'dead-letter', 'discard'), {
    example: 'discard',
    description:
      'What happens to an event that cannot be exported. stop: the process ends and the event is not committed. dead-letter: its message is written to DLQ_TOPIC. discard: it is counted and logged. Default: dead-letter if DLQ_TOPIC is set, else stop.',
  }),
  DLQ_TOPIC: setting(topic, {
    example: 'flows-dead-letters',
    description:
      'The topic for messages with events that cannot be exported; see docs/dead-letters.md. It must exist. Offsets are committed only after their dead letters are written.',
  }),
  SHUTDOWN_TIMEOUT: setting(duration(0, unitMs.h), {
    default: '20s',
    example: '25s',
    description:
      'How long the process waits for the events in flight after SIGTERM, SIGINT or SIGHUP. Then it exits with code 75; the rest is not committed.',
  }),
  HTTP_LISTEN: setting(httpListen, {
    default: '127.0.0.1:9464',
    example: '0.0.0.0:9464',
    description:
      'Where health, metrics and the status page are served, without a password: /livez, /readyz, /metrics, /stats, /history, /version and /; see docs/metrics.md. off: no HTTP server.',
  }),
  HTTP_ALLOWED_HOSTS: setting(hostNames, {
    example: 'flows.example.org,kafka2ipfix',
    description:
      'Host names that HTTP requests may use (the Host header), in addition to IP addresses, localhost, the name in HTTP_LISTEN and the name of this host. Others get 421, so that web pages of other sites cannot read from it (DNS rebinding). *: any.',
  }),
  LOG_LEVEL: setting(oneOf('debug', 'info', 'warn', 'error'), {
    default: 'info',
    example: 'debug',
    description: 'The lowest level that is logged.',
  }),
  LOG_FORMAT: setting(oneOf('auto', 'json', 'pretty'), {
    default: 'auto',
    example: 'json',
    description: 'auto: text on a terminal, else JSON. pretty: text.',
  }),
  LOG_STATUS_INTERVAL: setting(offOr(duration(5 * unitMs.s)), {
    default: '1m',
    example: '10m',
    description:
      'How often a line with rates, lag and what is waited for is logged at level info. off: never.',
  }),
} as const;

export type SettingName = keyof typeof settings;

type ValueOf<K extends SettingName> = z.output<(typeof settings)[K]['schema']>;

type Always = {
  [K in SettingName]: (typeof settings)[K] extends { default: string } | { required: true }
    ? K
    : never;
}[SettingName];

export type SettingValues = { [K in Always]: ValueOf<K> } & {
  [K in Exclude<SettingName, Always>]?: ValueOf<K>;
};
