// The consumer that both contestants with kafkajs's own messages use.

import kafkajs from 'kafkajs';
import { fetchSettings } from '../equal-settings.ts';

export function benchConsumer(brokers: string, groupId: string): kafkajs.Consumer {
  const kafka = new kafkajs.Kafka({
    brokers: brokers.split(','),
    logLevel: kafkajs.logLevel.ERROR,
  });
  return kafka.consumer({
    groupId,
    maxBytes: fetchSettings.maxBytes,
    maxBytesPerPartition: fetchSettings.maxBytesPerPartition,
    maxWaitTimeInMs: fetchSettings.maxWaitMs,
  });
}
