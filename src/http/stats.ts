// The Workers' snapshots as one answer of /stats: what `top`, the status page and people read.

import {
  badEventKind,
  badEventKindsMax,
  type BadEventSeen,
} from '../pipeline/bad-events/recent-bad-events.ts';
import { badEventReasons } from '../pipeline/frames/discard-reasons.ts';
import { type Account, sumOfAccounts } from '../pipeline/frames/ledger.ts';
import type { TopicLosses } from '../pipeline/frames/losses.ts';
import type { TemplateSeen } from '../pipeline/templates/active-templates.ts';
import type { CollectorSeen, PipelineSnapshot } from '../pipeline/pipeline-snapshot.ts';
import type { Trouble } from '../log/recent-troubles.ts';
import type { PartitionSeen, SourceSnapshot } from '../sources/source-snapshot.ts';
import { isSilent, notReady, type Reason } from './health.ts';
import type { ProcessFacts, ProcessView, WorkerView } from './process-view.ts';
import { waitingFor } from './waiting-for.ts';

export interface Stats extends ProcessFacts {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  readonly startedAtMs: number;
  readonly ready: boolean;
  readonly reasons: readonly Reason[];
  readonly account: Account;
  /** Events that could not be exported: dead-lettered, or discarded as bad. */
  readonly badEventCount: number;
  /** The newest of each kind, newest first. */
  readonly badEvents: readonly BadEventSeen[];
  /** What was not exported, by topic and reason. */
  readonly losses: readonly TopicLosses[];
  readonly sent: Readonly<Record<string, number>>;
  readonly sendErrors: Readonly<Record<string, number>>;
  readonly receivedOctets: number;
  /** The sum over all partitions whose lag is known. */
  readonly lagRecords: number;
  readonly workers: readonly WorkerStats[];
  readonly partitions: readonly (PartitionSeen & { readonly worker: number })[];
  readonly waits: SourceSnapshot['waits'];
  readonly templates: readonly TemplateSeen[];
  readonly collectors: readonly (CollectorSeen & { readonly worker: number })[];
  readonly troubles: readonly (Trouble & { readonly worker: number })[];
}

interface WorkerStats {
  readonly worker: number;
  readonly observationDomainId: number | undefined;
  readonly state: 'starting' | 'running' | 'silent' | 'ended';
  /** Undefined where a file is read. */
  readonly joined: boolean | undefined;
  readonly joins: number;
  readonly account: Account | undefined;
  /** What it waits for now; undefined while nothing holds it up. */
  readonly waitingFor: string | undefined;
  /** How long its event loop has worked since it began: a share of the time between two answers. */
  readonly busyMs: number;
  readonly heapOctets: number;
}

export function statsOf(view: ProcessView, nowMs = Date.now()): Stats {
  const views = view.workers;
  const pipelines = views.flatMap(({ snapshot }) => snapshot?.pipeline ?? []);
  const reasons = notReady(view);
  const partitions = each(views, ({ source }) => source?.partitions);
  const account = sumOfAccounts(pipelines.map((pipeline) => pipeline.account));
  return {
    ...view.facts,
    atMs: nowMs,
    startedAtMs: view.startedAtMs,
    ready: reasons.length === 0,
    reasons,
    account,
    badEventCount: badEventCount(account),
    badEvents: badEventsOf(pipelines),
    losses: lossesOf(pipelines),
    sent: sumOf(pipelines.map(({ sent }) => ({ ...sent }))),
    sendErrors: sumOf(pipelines.map(({ sendErrors }) => sendErrors)),
    receivedOctets: pipelines.reduce((sum, { receivedOctets }) => sum + receivedOctets, 0),
    lagRecords: partitions.reduce((sum, { lagRecords = 0 }) => sum + lagRecords, 0),
    workers: views.map(workerStats),
    partitions: partitions.toSorted(byPartition),
    waits: views.flatMap(({ snapshot }) => snapshot?.source?.waits ?? []),
    templates: templatesOf(pipelines),
    collectors: each(views, ({ pipeline }) => pipeline && [pipeline.collector]),
    troubles: each(views, ({ troubles }) => troubles).toSorted((a, b) => b.atMs - a.atMs),
  };
}

/** What each Worker has of something, with the Worker's number. */
function each<T>(
  workers: readonly WorkerView[],
  of: (snapshot: NonNullable<WorkerView['snapshot']>) => readonly T[] | undefined,
): (T & { readonly worker: number })[] {
  return workers.flatMap(({ worker, snapshot }) =>
    ((snapshot && of(snapshot)) ?? []).map((item) => ({ ...item, worker })),
  );
}

function workerStats(view: WorkerView): WorkerStats {
  const { worker, snapshot, hasEnded } = view;
  const started = isSilent(view) ? 'silent' : snapshot?.pipeline ? 'running' : 'starting';
  return {
    worker,
    state: hasEnded ? 'ended' : started,
    observationDomainId: snapshot?.pipeline?.observationDomainId,
    joined: snapshot?.source?.joined,
    joins: snapshot?.source?.joins ?? 0,
    account: snapshot?.pipeline?.account,
    waitingFor: waitingFor(view),
    busyMs: snapshot?.busyMs ?? 0,
    heapOctets: snapshot?.heapOctets ?? 0,
  };
}

const byPartition = (a: PartitionSeen, b: PartitionSeen): number =>
  a.topic.localeCompare(b.topic) || a.partition - b.partition;

function badEventCount({ deadLettered, discardedByReason }: Account): number {
  let count = deadLettered;
  for (const reason of badEventReasons) count += discardedByReason[reason] ?? 0;
  return count;
}

function badEventsOf(pipelines: readonly PipelineSnapshot[]): BadEventSeen[] {
  const byKind = new Map<string, BadEventSeen>();
  const all = pipelines.flatMap(({ badEvents }) => badEvents);
  for (const seen of all.toSorted((a, b) => a.atMs - b.atMs)) {
    const kind = badEventKind(seen);
    const count = (byKind.get(kind)?.count ?? 0) + seen.count;
    byKind.delete(kind);
    byKind.set(kind, { ...seen, count });
  }
  return [...byKind.values()].reverse().slice(0, badEventKindsMax);
}

function lossesOf(pipelines: readonly PipelineSnapshot[]): TopicLosses[] {
  const byTopic = Map.groupBy(
    pipelines.flatMap(({ losses }) => losses),
    ({ topic }) => topic,
  );
  return Array.from(byTopic, ([topic, losses]) => ({
    topic,
    deadLettered: sumOf(losses.map(({ deadLettered }) => deadLettered)),
    discarded: sumOf(losses.map(({ discarded }) => discarded)),
  }));
}

/** Ids come of the Templates' content, so they mean the same in every Worker. */
function templatesOf(pipelines: readonly PipelineSnapshot[]): TemplateSeen[] {
  const byId = new Map<string, TemplateSeen>();
  for (const template of pipelines.flatMap(({ templates }) => templates)) {
    const key = `${template.id} ${template.elements.join()}`;
    const known = byId.get(key);
    const records = (known?.records ?? 0) + template.records;
    const topics = [...new Set([...(known?.topics ?? []), ...template.topics])];
    byId.set(key, { ...template, topics, records });
  }
  return [...byId.values()].toSorted((a, b) => b.records - a.records || a.id - b.id);
}

function sumOf(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const counts of all) {
    for (const [key, count] of Object.entries(counts)) sums[key] = (sums[key] ?? 0) + count;
  }
  return sums;
}
