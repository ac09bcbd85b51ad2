// Whether the process lives and whether it can do its work, and if not, why not and what to do.

import type { SourceSnapshot } from '../sources/source-snapshot.ts';
import type { ProcessView, WorkerView } from './process-view.ts';

type ReasonCode =
  | 'worker_silent'
  | 'starting'
  | 'draining'
  | 'group_not_joined'
  | 'broker_silent'
  | 'schema_unavailable'
  | 'partitions_away'
  | 'collector_refuses'
  | 'collector_stalled'
  | 'dead_letters_unwritable';

export interface Reason {
  readonly code: ReasonCode;
  readonly worker?: number;
  readonly text: string;
}

/** A Worker reports every second: one that is silent for this long hangs. */
const silentMaxMs = 10_000;
/** Its start may take long on a busy machine: what is killed in it would never come up. */
const startMaxMs = 60_000;
/** kafkajs sends a heartbeat every second at least, and fetches four times in it. */
const brokerSilentMaxMs = 10_000;
/** A leader that moves is away for less. */
const awayMaxS = 5;

/** Why the process should be restarted; none while it lives. */
export function notLive(view: ProcessView): Reason[] {
  return view.workers.filter(isSilent).map(({ worker, silentMs }) => ({
    code: 'worker_silent' as const,
    worker,
    text: `Worker ${worker} has not reported for ${seconds(silentMs)}; its event loop hangs`,
  }));
}

/** Why nothing, or not everything, is exported now. */
export function notReady(view: ProcessView): Reason[] {
  const reasons = notLive(view);
  if (view.isDraining) reasons.push({ code: 'draining', text: 'the process is ending' });
  for (const worker of view.workers) reasons.push(...workerReasons(worker, view));
  return reasons;
}

export function isSilent({ silentMs, hasEnded, snapshot }: WorkerView): boolean {
  return !hasEnded && silentMs > (snapshot?.pipeline ? silentMaxMs : startMaxMs);
}

function* workerReasons({ worker, snapshot, hasEnded }: WorkerView, view: ProcessView) {
  if (hasEnded) return;
  const reason = (code: ReasonCode, text: string): Reason => ({ code, worker, text });
  if (snapshot?.brokersAway) yield reason('broker_silent', awayText(snapshot.brokersAway, view));
  if (!snapshot?.pipeline) {
    yield reason('starting', `Worker ${worker} is starting`);
    return;
  }
  if (snapshot.source) {
    const isAway = snapshot.brokersAway !== undefined;
    for (const [code, text] of sourceReasons(snapshot.source, isAway, view)) {
      yield reason(code, text);
    }
  }
  const problem = snapshot.deadLetters?.problem;
  if (problem !== undefined) {
    const text = `dead letters cannot be written: ${problem}; check DLQ_TOPIC`;
    yield reason('dead_letters_unwritable', text);
  }
  const { address, state, code } = snapshot.pipeline.collector;
  if (state === 'refusing') {
    const text = `the collector ${address} refuses (${code}); start it, or correct COLLECTORS`;
    yield reason('collector_refuses', text);
  }
  if (state === 'stalled') {
    yield reason('collector_stalled', `nothing can be sent to ${address} now (${code})`);
  }
}

function* sourceReasons(
  { joined, problem, silentMs, waits, away }: SourceSnapshot,
  isAway: boolean,
  { facts: { kafka } }: ProcessView,
): Iterable<[ReasonCode, string]> {
  const cause = problem === undefined ? '' : `: ${problem}`;
  if (!joined) yield ['group_not_joined', `not in the group ${kafka?.group}${cause}`];
  if (silentMs > brokerSilentMaxMs && !isAway) {
    const brokers = kafka?.brokers.join(', ');
    yield ['broker_silent', `no broker (${brokers}) has answered for ${seconds(silentMs)}${cause}`];
  }
  for (const { id, reason, partitions } of waits) {
    yield ['schema_unavailable', `${partitions.join(', ')} waits for schema id ${id}: ${reason}`];
  }
  for (const { topic, partition, reason, seconds: awayS } of away) {
    // Brokers that are away are the reason for all of them.
    if (isAway || awayS < awayMaxS) continue;
    const name = partition < 0 ? topic : `${topic}[${partition}]`;
    yield ['partitions_away', `${name} cannot be read for ${awayS} s: ${reason}`];
  }
}

function awayText(
  { reason, seconds: awayS }: { readonly reason: string; readonly seconds: number },
  { facts: { kafka } }: ProcessView,
): string {
  return `no broker (${kafka?.brokers.join(', ')}) has answered for ${Math.floor(awayS)} s: ${reason}`;
}

const seconds = (ms: number): string => `${Math.floor(ms / 1000)} s`;
