// A new topic, good to be used: kafkajs's own wait for leaders fails where a broker has not heard of the
// topic yet, as happens while several are made.

import type { Admin, ITopicConfig } from 'kafkajs';
import { untilAnswered } from '../sources/kafkajs/until-answered.ts';

/** Resolves when each partition answers. Rejects as kafkajs does. */
export async function makeTopic(admin: Admin, config: ITopicConfig): Promise<void> {
  await admin.createTopics({ topics: [config], waitForLeaders: false });
  await untilAnswered(() => admin.fetchTopicOffsets(config.topic));
}
