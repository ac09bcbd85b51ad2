// What a throwaway Kafka needs to say of itself, whoever runs it: a JVM of ours or a container.

export type ServerProperties = Readonly<Record<string, string>>;

export const kafkaVersion = '4.3.1';

/** Small, single, and quick to join: a group's first member need not wait for others. */
export const throwawayProperties: ServerProperties = {
  'num.partitions': '4',
  'offsets.topic.num.partitions': '4',
  'offsets.topic.replication.factor': '1',
  'transaction.state.log.num.partitions': '4',
  'transaction.state.log.replication.factor': '1',
  'transaction.state.log.min.isr': '1',
  'share.coordinator.state.topic.replication.factor': '1',
  'share.coordinator.state.topic.min.isr': '1',
  'auto.create.topics.enable': 'false',
  'group.initial.rebalance.delay.ms': '0',
  // Tests of evictions can't wait for the usual six seconds.
  'group.min.session.timeout.ms': '1000',
  // Tests write events of any age; none may be gone before it is read.
  'log.retention.ms': '-1',
};

/** The text of a Java properties file. */
export function propertiesText(properties: ServerProperties): string {
  const lines = Object.entries(properties).map(
    ([name, value]) => `${name}=${value.replaceAll('\\', '\\\\')}\n`,
  );
  return lines.join('');
}

/** The same as the environment of the apache/kafka image; no server property has `-` or `_`. */
export function propertiesEnvironment(properties: ServerProperties): Record<string, string> {
  const named = Object.entries(properties).map(
    ([name, value]) => [`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`, value] as const,
  );
  return Object.fromEntries(named);
}
