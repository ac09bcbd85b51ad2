// How the settings say that the brokers are reached.

import { ConfigError, processEnvironment, readConfig } from '../config/config.ts';
import { type KafkaPems, readKafkaPems } from '../config/kafka-tls.ts';
import type { SettingValues } from '../config/settings.ts';
import type { KafkaConnection, KafkaSasl, KafkaSecurity } from '../sources/kafkajs/kafka-client.ts';

/** The brokers see KAFKA_CLIENT_ID as it is, whatever the client does: a quota is for that very name. */
export function kafkaConnection(
  settings: Partial<SettingValues>,
  pems: KafkaPems,
): KafkaConnection {
  const { KAFKA_BROKERS: brokers = [], KAFKA_CLIENT_ID: clientId = '' } = settings;
  return {
    brokers,
    clientId,
    ...securityOf(settings, pems),
  };
}

/** Only TLS and SASL, from the environment. Throws ConfigError. */
export function kafkaSecurity(): KafkaSecurity {
  const { partial, faults } = readConfig(processEnvironment());
  const { pems, faults: unusable } = readKafkaPems(partial);
  const all = [...faults.filter(({ where }) => /^KAFKA_(TLS|SASL)/.test(where)), ...unusable];
  if (all.length > 0) throw new ConfigError(all);
  return securityOf(partial, pems);
}

function securityOf(settings: Partial<SettingValues>, pems: KafkaPems): KafkaSecurity {
  const passphrase = settings.KAFKA_TLS_KEY_PASSWORD;
  const serverName = settings.KAFKA_TLS_SERVER_NAME;
  return {
    tls: settings.KAFKA_TLS ? { ...pems, passphrase, serverName } : undefined,
    sasl: saslOf(settings),
  };
}

function saslOf(settings: Partial<SettingValues>): KafkaSasl | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_SASL_OAUTH_TOKEN: token } = settings;
  switch (mechanism) {
    case undefined:
      return undefined;
    case 'oauthbearer':
      if (token !== undefined) return { mechanism, token };
      return {
        mechanism,
        token: {
          url: settings.KAFKA_SASL_OAUTH_TOKEN_URL!,
          clientId: settings.KAFKA_SASL_OAUTH_CLIENT_ID!,
          clientSecret: settings.KAFKA_SASL_OAUTH_CLIENT_SECRET!,
          scope: settings.KAFKA_SASL_OAUTH_SCOPE,
        },
      };
    default:
      return {
        mechanism,
        username: settings.KAFKA_SASL_USERNAME!,
        password: settings.KAFKA_SASL_PASSWORD!,
      };
  }
}
