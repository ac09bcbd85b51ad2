// What a Worker waits for at the moment, in a few words, for the status page, `top` and the log.

import type { WorkerSnapshot } from './worker-snapshot.ts';
import type { WorkerView } from './process-view.ts';

/** kafkajs fetches several times a second: brokers that are silent for longer do not answer. */
const brokersQuietMs = 3_000;

/**
 * Such as `the collector 192.0.2.1:4739 (refuses)` or `schema id 7`; undefined while nothing holds the
 * Worker up. Of several causes it is the one nearest to the collector, because the others follow from it.
 */
export function waitingFor({ snapshot, hasEnded }: WorkerView): string | undefined {
  if (hasEnded || !snapshot?.pipeline) return undefined;
  const isFull = (snapshot.source?.pauses.in_flight.waiting ?? 0) > 0;
  return (
    ofSending(snapshot.pipeline) ??
    ofDeadLetters(snapshot.deadLetters, isFull) ??
    (isFull ? 'room in flight' : undefined) ??
    ofReading(snapshot.source)
  );
}

function ofSending({ collector, isRateLimited }: NonNullable<WorkerSnapshot['pipeline']>) {
  const { address, state } = collector;
  if (state === 'refusing') return `the collector ${address} (refuses)`;
  if (state === 'stalled') return `the collector ${address} (nothing can be sent)`;
  return isRateLimited ? 'the export rate limit' : undefined;
}

/** Letters that are being written hold nothing up until they fill the room in flight. */
function ofDeadLetters(letters: WorkerSnapshot['deadLetters'], isFull: boolean) {
  if (!letters) return undefined;
  const { waiting, problem } = letters;
  return problem !== undefined || (isFull && waiting > 0) ? 'dead letters' : undefined;
}

function ofReading(source: WorkerSnapshot['source']): string | undefined {
  if (!source) return undefined;
  const { silentMs, joined, waits, away } = source;
  if (silentMs > brokersQuietMs) return 'the brokers';
  if (!joined) return 'the group';
  if (waits.length > 0) return `schema id ${waits.map(({ id }) => id).join(', ')}`;
  const [first] = away;
  if (!first) return undefined;
  const { topic, partition } = first;
  const name = partition < 0 ? topic : `${topic}[${partition}]`;
  return away.length === 1 ? name : `${name} and ${away.length - 1} more`;
}
