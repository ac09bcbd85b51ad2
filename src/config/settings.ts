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
  unitMs,
  ValueError,
  wholeNumberFrom,
} from './text-values.ts';

interface Setting<T> {
  readonly schema: z.ZodType<T>;
  /** As it would be written; undefined where there is none. */
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

/** Text of a form that docs/settings.md tells. */
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
    return word ?? refuse(context, `is none of ${words.join(', ')}`);
  });

const onOff = oneOf('on', 'off').transform((word) => word === 'on');

const list = written('list').transform((text, context) => {
  const items = text.split(',').map((item) => item.trim());
  return items.includes('')
    ? refuse(context, 'has an empty item; separate by single commas')
    : Object.freeze(items);
});

const brokers = list.transform((items, context) => {
  const wrong = items.find((item) => !isBroker(item));
  return wrong === undefined ? items : refuse(context, `names no host:port in "${wrong}"`);
});

const isTopic = (name: string): boolean => /^[\w.-]{1,249}$/.test(name);
const topicMend = 'letters, digits, ".", "_" and "-" only';

const topics = list.transform((items, context) => {
  const wrong = items.find((item) => !isTopic(item));
  return wrong === undefined ? items : refuse(context, `"${wrong}" is no topic name; ${topicMend}`);
});

const topic = z
  .string()
  .transform((name, context) =>
    isTopic(name) ? name : refuse(context, `is no topic name; ${topicMend}`),
  );

const collectors = list.transform(
  parsed(([item = '', ...more]: readonly string[]): Collector => {
    if (more.length === 0) return Object.freeze(collectorFrom(item));
    throw new ValueError(`names ${more.length + 1} collectors; exactly one is supported, keep one`);
  }),
);

const httpListen = z.string().transform((text, context): Listen | 'off' => {
  if (text === 'off') return text;
  const listen = endpointFrom(text);
  return listen
    ? Object.freeze(listen)
    : refuse(context, 'is no host:port up to 65535; write it as 127.0.0.1:9464, or off');
});

const hostNames = list.transform((items, context) => {
  const wrong = items.find(
    (item) => item !== '*' && !/^[a-z\d_]([a-z\d_.-]*[a-z\d_])?$/i.test(item),
  );
  return wrong === undefined
    ? items
    : refuse(context, `"${wrong}" is not a host name; leave scheme, port and path out`);
});

const pathMtu = z.string().transform((text, context): number | 'auto' => {
  if (text === 'auto') return text;
  if (!/^\d+$/.test(text)) return refuse(context, 'is neither "auto" nor a number of octets');
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
    ? refuse(context, 'is none of latest, earliest, error, or a time as 2026-07-01T00:00:00Z')
    : ms;
});

const text = z.string();

const framing = written('word').transform((word, context): Framing => {
  const known = framingFromText(word);
  return known ?? refuse(context, `is none of ${framingForms.join(', ')}, each also with +base64`);
});

const urls = list.transform((items, context) => {
  for (const item of items) {
    const url = URL.canParse(item) ? new URL(item) : undefined;
    if (!url || (url.protocol !== 'http:' && url.protocol !== 'https:')) {
      return refuse(context, 'names no http:// or https:// URL; write it as https://registry:8081');
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
  return known ?? refuse(context, `is none of ${mechanisms.join(', ')}`);
});

const statistics = list.transform((items, context): readonly StatisticsKind[] => {
  const kinds = items.flatMap((item) => statisticsKinds.find((kind) => kind === item) ?? []);
  return kinds.length === items.length
    ? Object.freeze([...new Set(kinds)])
    : refuse(context, `names something else than ${statisticsKinds.join(', ')}`);
});

const elementNames = list.transform((items, context) => {
  const wrong = items.find((item) => !elementChoice(item) && !/^\d+\/\d+$/.test(item));
  return wrong === undefined
    ? items
    : refuse(context, `"${wrong}" is no element; IANA's name, a pair's, or PEN/id`);
});

const subjects = list.transform((items) =>
  Object.freeze(Object.fromEntries(items.map((item) => subjectOf(item)))),
);

/** `topic=subject`; a word alone is the subject of all topics. */
function subjectOf(item: string): [topic: string, subject: string] {
  const at = item.indexOf('=');
  return at < 0 ? ['*', item] : [item.slice(0, at), item.slice(at + 1)];
}

export const settings = {
  KAFKA_BROKERS: setting(brokers, {
    example: 'kafka-1:9092,kafka-2:9092',
    description: 'Brokers to begin with. Required unless INPUT_FILE is set.',
  }),
  KAFKA_TOPICS: setting(topics, {
    example: 'flows',
    description: 'Topics to read, separated by commas. Required unless INPUT_FILE is set.',
  }),
  KAFKA_GROUP_ID: setting(text, {
    example: 'kafka2ipfix',
    description: 'The consumer group. Processes with the same one share the partitions.',
  }),
  KAFKA_CLIENT_ID: setting(text, {
    default: 'kafka2ipfix',
    example: 'kafka2ipfix-eu',
    description:
      'How the brokers name this client in their logs and quotas; all Workers have the same name.',
  }),
  KAFKA_AUTO_OFFSET_RESET: setting(offsetReset, {
    default: 'latest',
    example: 'earliest',
    description:
      'Where a group begins that has no offset yet: latest, earliest, error, or a time. Resolved once and committed at once. With error the stage also stops when retention removed what was not read.',
  }),
  KAFKA_SESSION_TIMEOUT: setting(duration(1_000, 30 * unitMs.m), {
    default: '30s',
    example: '45s',
    description: 'The group gives up a member that was not heard of for so long.',
  }),
  KAFKA_METADATA_MAX_AGE: setting(duration(100, unitMs.h), {
    default: '60s',
    example: '5m',
    description: 'How soon new partitions, and brokers that have moved, are noticed.',
  }),
  KAFKA_FETCH_MAX_BYTES: setting(octets(2 ** 10, 2 ** 30), {
    default: '10MiB',
    example: '4MiB',
    description: 'What one broker sends at once at most; more only where a single batch is larger.',
  }),
  KAFKA_FETCH_MAX_BYTES_PER_PARTITION: setting(octets(2 ** 10, 2 ** 30), {
    default: '1MiB',
    example: '512KiB',
    description: 'The same for each partition.',
  }),
  KAFKA_FETCH_MAX_WAIT: setting(duration(1, 10 * unitMs.s), {
    default: '250ms',
    example: '100ms',
    description:
      'How long a broker waits for the first record where there is none yet. It holds up heartbeats, and with them word of a rebalance.',
  }),
  KAFKA_BATCH_BYTES: setting(octets(2 ** 10, 2 ** 30), {
    default: '64MiB',
    example: '16MiB',
    description:
      'What a compressed batch of records may hold. One that holds more is a bad event as a whole.',
  }),
  KAFKA_CHECK_CRCS: setting(onOff, {
    default: 'on',
    example: 'off',
    description: 'Whether the CRC-32C of each batch is checked.',
  }),
  KAFKA_DRAIN_TIMEOUT: setting(duration(0, 10 * unitMs.m), {
    default: '10s',
    example: '5s',
    description: 'How long a rebalance waits for what is in flight to be sent and committed.',
  }),
  KAFKA_TLS: setting(onOff, {
    default: 'off',
    example: 'on',
    description: 'TLS towards the brokers; their certificates are always checked.',
  }),
  KAFKA_TLS_CA_FILE: setting(text, {
    example: '/etc/kafka2ipfix/ca.pem',
    description: "Certificate authorities to trust instead of the system's.",
  }),
  KAFKA_TLS_CERT_FILE: setting(text, {
    example: '/etc/kafka2ipfix/client.pem',
    description: 'The client certificate, where the brokers ask for one.',
  }),
  KAFKA_TLS_KEY_FILE: setting(text, {
    example: '/etc/kafka2ipfix/client.key',
    description: "The client certificate's key.",
  }),
  KAFKA_TLS_KEY_PASSWORD: setting(text, {
    secret: true,
    example: '***',
    description: 'What the key is encrypted with.',
  }),
  KAFKA_TLS_SERVER_NAME: setting(text, {
    example: 'kafka.example.net',
    description:
      "The name in the brokers' certificates, where it is none of the addresses they are reached by.",
  }),
  KAFKA_SASL_MECHANISM: setting(mechanism, {
    example: 'scram-sha-512',
    description: 'plain, scram-sha-256, scram-sha-512 or oauthbearer. Default: no authentication.',
  }),
  KAFKA_SASL_USERNAME: setting(text, {
    example: 'kafka2ipfix',
    description: 'For plain and scram: the user.',
  }),
  KAFKA_SASL_PASSWORD: setting(text, {
    secret: true,
    example: '***',
    description: "For plain and scram: the user's password.",
  }),
  KAFKA_SASL_OAUTH_TOKEN_URL: setting(oneUrl, {
    example: 'https://login.example.net/oauth2/token',
    description: 'For oauthbearer: where tokens are had for client credentials, and renewed.',
  }),
  KAFKA_SASL_OAUTH_CLIENT_ID: setting(text, {
    example: 'kafka2ipfix',
    description: 'For oauthbearer: the client.',
  }),
  KAFKA_SASL_OAUTH_CLIENT_SECRET: setting(text, {
    secret: true,
    example: '***',
    description: 'For oauthbearer: its secret.',
  }),
  KAFKA_SASL_OAUTH_SCOPE: setting(text, {
    example: 'kafka',
    description: 'For oauthbearer: the scope to ask for.',
  }),
  KAFKA_SASL_OAUTH_TOKEN: setting(text, {
    secret: true,
    example: '***',
    description: 'For oauthbearer: a token that is not renewed, instead of a URL.',
  }),
  INPUT_FILE: setting(text, {
    example: 'flows.avro',
    description:
      'An Avro container file to read instead of Kafka; - for standard input. Several may stand one after the other in it. At a damaged place what lies before it leaves and the process ends with 65; with ON_BAD_EVENT=discard what lies behind it leaves as well.',
  }),
  AVRO_FRAMING: setting(framing, {
    example: 'confluent',
    description:
      'How a message holds its datums: confluent, apicurio8, single-object, bare, bare-many, ocf; each also as base64 text, as in bare+base64. Default: confluent with a registry alone, bare with a schema file alone; with both it must be named. MAPPING_FILE may say it for each topic.',
  }),
  AVRO_SCHEMA_FILE: setting(list, {
    example: '/etc/kafka2ipfix/flow.avsc',
    description:
      'Avro schemas that the events were written with, separated by commas; a folder stands for its .avsc files. Bare datums need exactly one. Default: the contract of schemas/flow-event.avsc.',
  }),
  AVRO_READER_SCHEMA_FILE: setting(text, {
    example: '/etc/kafka2ipfix/reader.avsc',
    description:
      "The schema that events are resolved to by Avro's rules, whichever schema they were written with; the mapping is of its fields.",
  }),
  AVRO_MESSAGE_BYTES: setting(octets(1024, 2 ** 28), {
    default: '16MiB',
    example: '1MiB',
    description: 'A longer Kafka message is a bad event, before anything of it is decoded.',
  }),
  MAPPING_FILE: setting(text, {
    example: '/etc/kafka2ipfix/mapping.yaml',
    description: 'Which field becomes which Information Element, by topic; see docs/mapping.md.',
  }),
  MAPPING_PRESET: setting(list, {
    example: 'pmacct',
    description: 'Built-in mappings for topics that name none themselves; see docs/presets.md.',
  }),
  COMPILED_PAINTER: setting(onOff, {
    default: 'on',
    example: 'off',
    description:
      'on: events are painted by code made for their schema and mapping, and by value where that is not sure. off: all by value, the same octets and slower.',
  }),
  SCHEMA_REGISTRY_URL: setting(urls, {
    example: 'https://registry-1:8081,https://registry-2:8081',
    description: 'Schema registries with the Confluent REST API; tried in turn.',
  }),
  SCHEMA_REGISTRY_USERNAME: setting(text, {
    example: 'kafka2ipfix',
    description: 'For basic authentication.',
  }),
  SCHEMA_REGISTRY_PASSWORD: setting(text, {
    secret: true,
    example: '***',
    description: 'For basic authentication.',
  }),
  SCHEMA_REGISTRY_TOKEN: setting(text, {
    secret: true,
    example: '***',
    description: 'For bearer authentication.',
  }),
  SCHEMA_REGISTRY_TLS_CA_FILE: setting(text, {
    example: '/etc/kafka2ipfix/ca.pem',
    description: "Certificate authorities to trust instead of the system's.",
  }),
  SCHEMA_REGISTRY_TLS_CERT_FILE: setting(text, {
    example: '/etc/kafka2ipfix/client.pem',
    description: 'The client certificate, where the registry asks for one.',
  }),
  SCHEMA_REGISTRY_TLS_KEY_FILE: setting(text, {
    example: '/etc/kafka2ipfix/client.key',
    description: "The client certificate's key.",
  }),
  SCHEMA_REGISTRY_TIMEOUT: setting(duration(100, 5 * unitMs.m), {
    default: '5s',
    example: '2s',
    description: 'How long one request may take, its answer included.',
  }),
  SCHEMA_REGISTRY_UNKNOWN_TTL: setting(duration(0), {
    default: '60s',
    example: '10m',
    description: 'An id that the registry did not know is not asked for again for so long.',
  }),
  SCHEMA_SUBJECT: setting(subjects, {
    example: 'flows=flows-value',
    description:
      'For validate: the subject in the registry whose newest schema is checked, by topic; a word alone is for all topics.',
  }),
  COLLECTORS: setting(collectors, {
    required: true,
    example: 'ipfix://192.0.2.1:4739',
    description:
      'Where to send: exactly one ipfix://host:port, or file:path to write IPFIX files. Of a name all addresses are tried, in the order of the system’s resolver (RFC 6724), until one does not refuse. IPv6: ipfix://[2001:db8::1]:4739, of a link ipfix://[fe80::1%25eth0]:4739. Required.',
  }),
  PATH_MTU: setting(pathMtu.describe('number of octets, or auto'), {
    default: 'auto',
    example: '1450',
    description:
      "The path's MTU in octets, IP and UDP headers included. auto: that of the outgoing interface, at most 1500; 512 where it is unknown. More than the interface's own is a fault.",
  }),
  COLLECTOR_PROFILE: setting(oneOf(...collectorProfileNames), {
    default: 'generic',
    example: 'go-ipfix',
    description:
      'What the collecting program needs. go-ipfix: lengths as in its registry, one Template in a Message, no element that it refuses, no Options. fixed-length: lengths as in IANA’s registry, none variable, one Template in a Message, no Options. See docs/interop.md.',
  }),
  SOURCE_ADDRESS: setting(text, {
    example: '192.0.2.7',
    description: "The address to send from. Default: the system's choice.",
  }),
  SOURCE_PORT: setting(wholeNumber(1, 65_535), {
    example: '20001',
    description: "The port to send from; Worker i adds i. Default: the system's choice.",
  }),
  UDP_SENDER: setting(oneOf('auto', 'batch', 'dgram'), {
    default: 'auto',
    example: 'dgram',
    description:
      'How datagrams are sent. batch: many in one call, never fragments, and a path MTU that falls is followed; on Linux alone. dgram: one by one, everywhere. auto: batch where that works, else dgram.',
  }),
  COLLECTOR_RESOLVE_INTERVAL: setting(duration(unitMs.s), {
    default: '60s',
    example: '10s',
    description:
      "How often the collector's name is looked up while all is well; after a refusal that is done at once.",
  }),
  FILE_ROTATE_INTERVAL: setting(duration(unitMs.s), {
    default: '1h',
    example: '5m',
    description:
      'A file ends at each whole multiple of it, in UTC. The next one begins with the next record.',
  }),
  FILE_ROTATE_BYTES: setting(octets(2 ** 20, 2 ** 44), {
    default: '1GiB',
    example: '256MiB',
    description: 'A file that would become longer ends before.',
  }),
  FILE_SYNC: setting(onOff, {
    default: 'on',
    example: 'off',
    description:
      'on: an offset is committed when the disk has what is below it. off: when the kernel has it, which outlives this process and not a crash of the machine.',
  }),
  OBSERVATION_DOMAIN_ID: setting(domainId, {
    default: '1',
    example: '257',
    description:
      'The Observation Domain of Worker 0; Worker i adds i. Processes that share an address need ranges apart. auto: the number at the end of the host name, as a StatefulSet gives it, × 256 + 1.',
  }),
  WORKERS: setting(wholeNumber(1, 64), {
    default: '1',
    example: '4',
    description: 'Threads; each is a member of the group with its own socket and domain.',
  }),
  FLUSH_INTERVAL: setting(duration(1, 10 * unitMs.m), {
    default: '500ms',
    example: '200ms',
    description: 'The first record of a Message waits no longer than this.',
  }),
  TEMPLATE_REFRESH_INTERVAL: setting(duration(100), {
    default: '60s',
    example: '30s',
    description: 'Templates are sent again at least so often.',
  }),
  TEMPLATE_REFRESH_MESSAGES: setting(wholeNumber(1, 1_000_000_000), {
    default: '4096',
    example: '1000',
    description: 'Templates are sent again after so many Messages.',
  }),
  EXPORT_STATISTICS: setting(statistics, {
    example: 'metering,exporting-reliability',
    description:
      'What the process tells of its own work, in Observation Domain 0 and from a port of its own (with SOURCE_PORT: behind those of the Workers), separated by commas. metering: Messages, Flow Records and octets sent, by domain. metering-reliability: messages that AVRO_MESSAGE_BYTES discarded unread, by domain. exporting-reliability: events discarded, and when first and last. Where processes share an address, one of them at most. Default: none.',
  }),
  EXPORT_FLOW_KEYS: setting(elementNames, {
    example: 'sourceAddress,destinationAddress,sourceTransportPort',
    description:
      "The elements that are Flow Keys, told of each Template in the flows' own domain, where nfdump counts Options Records as lost. A Template with a key behind its 64th field is left out. Default: nothing is told.",
  }),
  EXPORT_ELEMENT_TYPES: setting(onOff, {
    default: 'off',
    example: 'on',
    description:
      "Tells type and name of enterprise elements (RFC 5610) in the flows' own domain, where nfdump counts Options Records as lost.",
  }),
  EXPORT_SAMPLING_RATE: setting(wholeNumber(1, 0xffff_ffff), {
    example: '1000',
    description:
      "One packet of so many was sampled, in all flows of this process alike: told in the flows' own domain, where nfdump counts Options Records as lost. Default: nothing is told; a rate in the events is sent with them.",
  }),
  OPTIONS_REFRESH_INTERVAL: setting(duration(100), {
    default: '60s',
    example: '10m',
    description: 'Options Records (statistics, Flow Keys, types, sampling) are sent so often.',
  }),
  MAX_TEMPLATES: setting(wholeNumber(1, 4096), {
    default: '64',
    example: '128',
    description: 'Active Templates at most; the least recently used gives way.',
  }),
  COMMIT_INTERVAL: setting(duration(10, unitMs.h), {
    default: '1s',
    example: '5s',
    description: 'Offsets are committed so often: bounds duplicates after a crash.',
  }),
  CONFIRM_WINDOW: setting(duration(1, unitMs.m), {
    default: '100ms',
    example: '250ms',
    description:
      'A sent Message is settled when it was not refused for so long. In a file: how long Messages wait to be synced together.',
  }),
  IN_FLIGHT_BYTES: setting(octets(2 ** 20, 2 ** 34), {
    default: '32MiB',
    example: '64MiB',
    description: 'Messages kept until they settle, in each Worker; reading waits beyond it.',
  }),
  EXPORT_RATE_LIMIT: setting(wholeNumber(1, 1_000_000_000), {
    example: '50000',
    description: 'Data Records a second and Worker at most. Default: no limit.',
  }),
  EXPORT_BURST: setting(wholeNumber(1, 1_000_000_000), {
    example: '1000',
    description:
      'Data Records at once under EXPORT_RATE_LIMIT. Default: a fiftieth of a second of it.',
  }),
  ON_BAD_EVENT: setting(oneOf('stop', 'dead-letter', 'discard'), {
    example: 'discard',
    description:
      'An event that cannot be exported stops the process, uncommitted; or its message goes to DLQ_TOPIC; or it is counted and logged. Default: dead-letter where DLQ_TOPIC is set, else stop.',
  }),
  DLQ_TOPIC: setting(topic, {
    example: 'flows-dead-letters',
    description:
      'The topic for messages with events that cannot be exported; see docs/dead-letters.md. It has to exist. Offsets are committed only when their dead letters are written.',
  }),
  SHUTDOWN_TIMEOUT: setting(duration(0, unitMs.h), {
    default: '20s',
    example: '25s',
    description:
      'How long SIGTERM, SIGINT or SIGHUP waits for what is in flight; then exit 75, uncommitted.',
  }),
  HTTP_LISTEN: setting(httpListen, {
    default: '127.0.0.1:9464',
    example: '0.0.0.0:9464',
    description:
      'Where health, metrics and the status page are served, without a password: /livez, /readyz, /metrics, /stats, /version and /; see docs/metrics.md. off: nowhere.',
  }),
  HTTP_ALLOWED_HOSTS: setting(hostNames, {
    example: 'flows.example.org,kafka2ipfix',
    description:
      'Names under which HTTP_LISTEN may be asked (the Host header), beside IP addresses, localhost, the name it listens on and this host’s. Others get 421, so that no foreign web page reads from it (DNS rebinding). *: any.',
  }),
  LOG_LEVEL: setting(oneOf('debug', 'info', 'warn', 'error'), {
    default: 'info',
    example: 'debug',
    description: 'The least serious lines to log.',
  }),
  LOG_FORMAT: setting(oneOf('auto', 'json', 'pretty'), {
    default: 'auto',
    example: 'json',
    description: 'auto: pretty on a terminal, JSON elsewhere.',
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
