// A new topic, good to be used: kafkajs's own wait for leaders fails where a broker has not heard of the
// topic yet, as happens while several are made.

import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs, { type Admin, type ITopicConfig } from 'kafkajs';

const giveUpMs = 30_000;

/** Resolves when each partition answers. Rejects as kafkajs does. */
export async function makeTopic(admin: Admin, config: ITopicConfig): Promise<void> {
  await admin.createTopics({ topics: [config], waitForLeaders: false });
  const giveUpAt = performance.now() + giveUpMs;
  for (;;) {
    try {
      await admin.fetchTopicOffsets(config.topic);
      return;
    } catch (error) {
      const again = error instanceof kafkajs.KafkaJSError && error.retriable;
      if (!again || performance.now() > giveUpAt) throw error;
    }
    await sleep(100);
  }
}
