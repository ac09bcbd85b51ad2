// `--since`: where a group begins that has no offsets. A group that has some continues there, so for it the
// option is refused: it would have no effect.

import type { Config } from '../config/config.ts';
import type { KafkaConnection } from '../sources/kafkajs/kafka-client.ts';
import { impatient, kafkaClient } from '../sources/kafkajs/kafka-client.ts';
import { reachBrokers } from '../sources/kafkajs/reach-brokers.ts';
import { untilAnswered } from '../sources/kafkajs/until-answered.ts';
import { UsageError } from './usage-error.ts';

const unitMs = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

const daysAgoOf = new Map([
  ['today', 0],
  ['yesterday', 1],
]);

/**
 * `24h`, `yesterday`, `2026-07-01`, `2026-07-01T09:30`, `2026-07-01T09:30:00Z` → milliseconds since 1970.
 * Days begin at midnight, and times without a zone are, in the local time zone. Throws UsageError.
 */
export function sinceMs(text: string, nowMs = Date.now()): number {
  const ago = /^(\d{1,6})(m|h|d|w)$/.exec(text);
  const atMs = ago
    ? nowMs - Number(ago[1]) * unitMs[ago[2] as keyof typeof unitMs]
    : (dayMs(text, nowMs) ?? timeMs(text));
  if (atMs === undefined || atMs < 0) {
    throw new UsageError(
      `--since: "${text}" is not a time; write it as 24h, 30m, 7d, today, yesterday, 2026-07-01, ` +
        '2026-07-01T09:30 or 2026-07-01T09:30:00Z',
    );
  }
  if (atMs > nowMs) {
    throw new UsageError(`--since: ${new Date(atMs).toISOString()} is in the future`);
  }
  return atMs;
}

function dayMs(text: string, nowMs: number): number | undefined {
  const daysAgo = daysAgoOf.get(text);
  if (daysAgo === undefined) return undefined;
  const now = new Date(nowMs);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - daysAgo).getTime();
}

// date => "YYYY-MM-DD";  time => date [("T" | " ") "hh:mm" [":ss" ["." digits]] ["Z" | ("+" | "-") "hh:mm"]]
function timeMs(text: string): number | undefined {
  const match =
    /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:\.\d+)?)?)(Z|[+-]\d\d:\d\d)?)?$/.exec(text);
  if (!match) return undefined;
  const [, day = '', time = '00:00', zone = ''] = match;
  // JavaScript takes the 31st of February for the 3rd of March.
  const midnight = new Date(`${day}T00:00:00Z`);
  if (Number.isNaN(midnight.getTime()) || !midnight.toJSON().startsWith(day)) return undefined;
  const ms = Date.parse(`${day}T${time}${zone}`);
  return Number.isNaN(ms) ? undefined : ms;
}

/** Throws UsageError where the group has offsets of the topics; rejects with KafkaUnreachableError. */
export async function checkGroupIsNew(connection: KafkaConnection, config: Config): Promise<void> {
  const { KAFKA_GROUP_ID: groupId = '', KAFKA_TOPICS: topics = [] } = config;
  await reachBrokers(connection);
  const admin = kafkaClient(connection, impatient).admin();
  try {
    await admin.connect();
    const found = await untilAnswered(() => admin.fetchOffsets({ groupId, topics: [...topics] }));
    const known = found
      .filter(({ partitions }) => partitions.some(({ offset }) => Number(offset) >= 0))
      .map(({ topic }) => topic);
    if (known.length === 0) return;
    throw new UsageError(
      `--since: group ${groupId} has offsets for ${known.join(', ')} and continues there; use another ` +
        `KAFKA_GROUP_ID, leave out --since, or reset its offsets: kafka-consumer-groups.sh --group ${groupId} ` +
        `--topic ${known[0]} --reset-offsets --to-datetime … --execute`,
    );
  } finally {
    void admin.disconnect().catch(() => undefined);
  }
}
