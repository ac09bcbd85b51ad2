// Asks Kafka again where it may answer yet.

import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';

const giveUpMs = 30_000;

/**
 * The first question about any group finds a fresh broker's coordinator still loading, a new topic
 * is not known to it yet, and of the admin's calls only some are repeated by kafkajs itself.
 */
export async function untilAnswered<Answer>(ask: () => Promise<Answer>): Promise<Answer> {
  const giveUpAt = performance.now() + giveUpMs;
  for (;;) {
    try {
      return await ask();
    } catch (error) {
      const again = error instanceof kafkajs.KafkaJSError && error.retriable;
      if (!again || performance.now() > giveUpAt) throw error;
    }
    await sleep(100);
  }
}
