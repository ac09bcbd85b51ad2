// The settings of a topic that decide how long it keeps its records.

import kafkajs, { type Admin } from 'kafkajs';

const names = ['cleanup.policy', 'retention.ms', 'retention.bytes'] as const;

export type TopicSettings = ReadonlyMap<string, string>;

/** The value of a limit that does not exist. */
export const forever = '-1';

/** Rejects with kafkajs's errors; the client needs DESCRIBE_CONFIGS on the topic. */
export async function topicSettings(admin: Admin, topic: string): Promise<TopicSettings> {
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const { resources } = await admin.describeConfigs({
    resources: [{ type, name: topic, configNames: [...names] }],
    includeSynonyms: false,
  });
  const entries = resources[0]?.configEntries ?? [];
  return new Map(entries.map(({ configName, configValue }) => [configName, configValue]));
}

/** After how many milliseconds a record may be removed because of its age; Infinity where never. */
export function retentionMsIn(settings: TopicSettings): number {
  const isDeleted = (settings.get('cleanup.policy') ?? 'delete').includes('delete');
  const value = settings.get('retention.ms') ?? forever;
  return isDeleted && value !== forever ? Number(value) : Infinity;
}
