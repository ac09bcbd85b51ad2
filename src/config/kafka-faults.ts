// What is wrong between the settings of TLS and SASL towards Kafka: half of a pair, or what has no
// meaning beside others.

import type { Fault } from '../fault.ts';
import type { SettingName, SettingValues } from './settings.ts';
import { isLoopback } from './text-values.ts';

type Values = Partial<SettingValues>;

const ofTls = [
  ...['KAFKA_TLS_CA_FILE', 'KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE'],
  ...['KAFKA_TLS_KEY_PASSWORD', 'KAFKA_TLS_SERVER_NAME'],
] as SettingName[];
const ofPasswords = ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as SettingName[];
const ofClients = [
  ...['KAFKA_SASL_OAUTH_TOKEN_URL', 'KAFKA_SASL_OAUTH_CLIENT_ID'],
  'KAFKA_SASL_OAUTH_CLIENT_SECRET',
] as SettingName[];
const ofTokens = [
  ...ofClients,
  'KAFKA_SASL_OAUTH_SCOPE',
  'KAFKA_SASL_OAUTH_TOKEN',
] as SettingName[];

export function* kafkaFaults(values: Values): Iterable<Fault> {
  if (values.KAFKA_TLS === false) yield* meaningless(values, ofTls, 'without KAFKA_TLS=on');
  const { KAFKA_TLS_CERT_FILE: cert, KAFKA_TLS_KEY_FILE: key } = values;
  if ((cert === undefined) !== (key === undefined)) {
    const [where, there] =
      cert === undefined
        ? ['KAFKA_TLS_CERT_FILE', 'KAFKA_TLS_KEY_FILE']
        : ['KAFKA_TLS_KEY_FILE', 'KAFKA_TLS_CERT_FILE'];
    yield { where, problem: `is not set, and ${there} is; set both or none` };
  }
  if (key === undefined) {
    yield* meaningless(values, ['KAFKA_TLS_KEY_PASSWORD'], 'without KAFKA_TLS_KEY_FILE');
  }
  yield* saslFaults(values);
}

function* saslFaults(values: Values): Iterable<Fault> {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_OAUTH_TOKEN: token } = values;
  if (mechanism === undefined) {
    yield* meaningless(values, [...ofPasswords, ...ofTokens], 'without KAFKA_SASL_MECHANISM');
    return;
  }
  if (mechanism !== 'oauthbearer') {
    yield* missing(values, ofPasswords, mechanism);
    yield* meaningless(values, ofTokens, `with KAFKA_SASL_MECHANISM=${mechanism}`);
    return;
  }
  yield* meaningless(values, ofPasswords, 'with KAFKA_SASL_MECHANISM=oauthbearer');
  if (token === undefined) yield* missing(values, ofClients, mechanism);
  else
    yield* meaningless(
      values,
      [...ofClients, 'KAFKA_SASL_OAUTH_SCOPE'],
      'with KAFKA_SASL_OAUTH_TOKEN',
    );
}

function* missing(
  values: Values,
  names: readonly SettingName[],
  mechanism: string,
): Iterable<Fault> {
  for (const where of names) {
    if (values[where] !== undefined) continue;
    yield { where, problem: `is not set, and KAFKA_SASL_MECHANISM=${mechanism} needs it; set it` };
  }
}

function* meaningless(values: Values, names: readonly SettingName[], how: string): Iterable<Fault> {
  for (const where of names) {
    if (values[where] === undefined) continue;
    yield { where, problem: `has no effect ${how}; remove one of the two` };
  }
}

/** Secrets that would be sent as they are. */
export function plainSecrets({
  KAFKA_TLS,
  KAFKA_SASL_MECHANISM: mechanism,
  KAFKA_BROKERS,
}: Values): Fault[] {
  if (KAFKA_TLS || (mechanism !== 'plain' && mechanism !== 'oauthbearer')) return [];
  const far = KAFKA_BROKERS?.filter((broker) => !isLoopback(broker.replace(/:\d+$/, ''))) ?? [];
  if (far.length === 0) return [];
  const problem = `sends secrets to ${far.join(', ')} without TLS; set KAFKA_TLS=on`;
  return [{ where: 'KAFKA_SASL_MECHANISM', problem }];
}
