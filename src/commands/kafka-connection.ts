// How the settings say that the brokers are reached.

import type { SettingValues } from '../settings.ts';
import type { KafkaConnection } from '../sources/kafka-client.ts';

/** `role` tells several clients of one process apart in the brokers' logs. */
export function kafkaConnection(
  settings: Partial<SettingValues>,
  role?: string | number,
): KafkaConnection {
  const { KAFKA_BROKERS: brokers = [], KAFKA_CLIENT_ID: clientId = '' } = settings;
  return { brokers, clientId: role === undefined ? clientId : `${clientId}-${role}` };
}
