// Settings in groups, each with the names that its users give them: for those that have two users.

import type { Config } from './config.ts';

/** How the source, and a look at a topic without a group, read messages. */
export const readingSettings = (config: Config) => ({
  messageOctetsMax: config.AVRO_MESSAGE_BYTES,
  batchOctetsMax: config.KAFKA_BATCH_BYTES,
  checkCrcs: config.KAFKA_CHECK_CRCS,
});

/** What each Transport Session needs: that of a Worker, and that of the process's statistics. */
export const sessionSettings = (config: Config) => ({
  confirmWindowMs: config.CONFIRM_WINDOW,
  resolveIntervalMs: config.COLLECTOR_RESOLVE_INTERVAL,
  templateRefreshIntervalMs: config.TEMPLATE_REFRESH_INTERVAL,
  templateRefreshMessages: config.TEMPLATE_REFRESH_MESSAGES,
});
