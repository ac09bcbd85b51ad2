// Every metric of our own, and what of the Workers' snapshots it shows. docs/metrics.md is generated
// from here.

import type { Account } from '../pipeline/frames/ledger.ts';
import type { SentCounts } from '../pipeline/sending/session.ts';
import { discardReasons } from '../pipeline/frames/discard-reasons.ts';
import type { PartitionSeen } from '../sources/source-snapshot.ts';
import type { WorkerSnapshot } from './worker-snapshot.ts';
import { isSilent, notReady } from './health.ts';
import {
  counter,
  counterOfProcess,
  gauge,
  histogram,
  type MetricDefinition,
  ofPipeline,
  ofProcess,
  ofSource,
  type Sample,
  type SamplesOf,
} from './metric-kinds.ts';

const account = (key: Exclude<keyof Account, 'discardedByReason'>) =>
  ofPipeline((pipeline) => [[{}, pipeline.account[key]]]);

const sent = (key: keyof SentCounts) => ofPipeline((pipeline) => [[{}, pipeline.sent[key]]]);

/** Always there, so that a sum over the reasons is never without a value. */
const usualReasons = Object.fromEntries(Object.values(discardReasons).map((reason) => [reason, 0]));

const byLabel = (label: string, counts: Readonly<Record<string, number>>): Sample<number>[] =>
  Object.entries(counts).map(([word, count]) => [{ [label]: word }, count]);

const ofPartitions = (of: (partition: PartitionSeen) => number | undefined) =>
  ofSource(({ partitions }) =>
    partitions.flatMap((seen) => {
      const value = of(seen);
      const { topic, partition } = seen;
      return value === undefined ? [] : [[{ topic, partition }, value] as const];
    }),
  );

/** What holds reading up, or sending. */
const pauses =
  (of: (pauses: { count: number; ms: number }) => number): SamplesOf<WorkerSnapshot> =>
  ({ source, pipeline }) => {
    const seen = { ...source?.pauses, ...(pipeline && { collector: pipeline.refusals }) };
    return Object.entries(seen).map(([reason, pause]) => [{ reason }, of(pause)] as const);
  };

const partitionLabels = ['topic', 'partition'];

export const metricDefinitions: readonly MetricDefinition[] = [
  counter('records_consumed_total', 'Flow events that came in.', [], account('consumed')),
  counter(
    'records_exported_total',
    'Flow events that left and were not refused within CONFIRM_WINDOW; each counts once.',
    [],
    account('exported'),
  ),
  counter(
    'records_dead_lettered_total',
    'Flow events that were written to the dead-letter topic.',
    [],
    account('deadLettered'),
  ),
  counter(
    'records_discarded_total',
    'Flow events that are not exported, by the reason the operator chose or a mapping names.',
    ['reason'],
    ofPipeline((pipeline) =>
      byLabel('reason', { ...usualReasons, ...pipeline.account.discardedByReason }),
    ),
  ),
  counter(
    'records_returned_total',
    'Flow events still in flight when their partition was taken away; they are delivered again.',
    [],
    account('returned'),
  ),
  gauge(
    'records_in_flight',
    'Flow events that came in and are not settled: consumed = exported + dead-lettered + discarded + returned + in flight.',
    [],
    account('inFlight'),
  ),
  counter(
    'records_removed_total',
    'Records that Kafka removed before they were read, by retention as a rule; no part of consumed.',
    [],
    account('removed'),
  ),
  counter(
    'received_bytes_total',
    'Octets of the Avro datums that came in.',
    [],
    ofPipeline(({ receivedOctets }) => [[{}, receivedOctets]]),
  ),
  counter(
    'sent_bytes_total',
    'Octets of the Messages that left, sent again included.',
    [],
    sent('octets'),
  ),
  counter('messages_sent_total', 'Messages that left, sent again included.', [], sent('messages')),
  counter(
    'messages_resent_total',
    'Messages sent again after a refusal.',
    [],
    sent('resentMessages'),
  ),
  counter(
    'template_messages_sent_total',
    'Messages that told Templates; among messages sent.',
    [],
    sent('templateMessages'),
  ),
  counter(
    'data_records_sent_total',
    'Flow Records in the Messages that left; an event may have none, one or several.',
    [],
    sent('records'),
  ),
  counter(
    'options_records_sent_total',
    'Data Records of Options Templates in the Messages that left.',
    [],
    sent('optionsRecords'),
  ),
  counter(
    'send_errors_total',
    'What the socket, or the disk, answered instead of taking a Message, by its code: a refusal, or a shortage that is waited for.',
    ['code'],
    ofPipeline(({ sendErrors }) => byLabel('code', { ECONNREFUSED: 0, ...sendErrors })),
  ),
  gauge(
    'collector_refusing',
    '1 while the collector refuses and is probed; nothing is exported then.',
    ['collector'],
    ofPipeline(({ collector: { address, state } }) => [
      [{ collector: address }, Number(state === 'refusing')],
    ]),
  ),
  gauge(
    'templates_active',
    'Templates that are told to the collector; MAX_TEMPLATES at most, beside those of options.',
    [],
    ofPipeline(({ templates }) => [[{}, templates.length]]),
  ),
  histogram(
    'message_age_seconds',
    "From a Message's first record to its first hand-over to the kernel; FLUSH_INTERVAL bounds it while nothing holds up.",
    ({ messageAge }) => messageAge,
  ),
  histogram(
    'export_delay_seconds',
    'From the Kafka timestamp at the head of a Delivery to the hand-over of the Messages begun by it: sampled, once for each Message.',
    ({ exportDelay }) => exportDelay,
  ),
  gauge(
    'kafka_lag_records',
    'Records between the committed offset and the end of the partition.',
    partitionLabels,
    ofPartitions(({ lagRecords }) => lagRecords),
  ),
  gauge(
    'kafka_lag_seconds',
    'How old the record read last is by its Kafka timestamp, while the partition has a lag; 0 without one.',
    partitionLabels,
    ofPartitions(({ lagSeconds }) => lagSeconds),
  ),
  gauge(
    'kafka_committed_offset',
    'The committed offset: the one that is read next after a restart.',
    partitionLabels,
    ofPartitions(({ committed }) => committed),
  ),
  gauge(
    'group_joined',
    '1 while the Worker is a member of its group.',
    [],
    ofSource(({ joined }) => [[{}, Number(joined)]]),
  ),
  counter(
    'rebalances_total',
    'How often the Worker joined its group again.',
    [],
    ofSource(({ joins }) => [[{}, Math.max(0, joins - 1)]]),
  ),
  counter(
    'commits_total',
    'Commits of offsets, by what came of them.',
    ['result'],
    ofSource(({ commits }) => byLabel('result', commits)),
  ),
  gauge(
    'kafka_partitions_away',
    'Partitions that cannot be read now: without a leader, or of a topic that does not exist. The others go on.',
    [],
    ofSource(({ away }) => [[{}, away.length]]),
  ),
  counter(
    'kafka_partitions_recreated_total',
    'Partitions read from their start because their topic was deleted and created again.',
    [],
    ofSource(({ recreated }) => [[{}, recreated]]),
  ),
  counter(
    'registry_requests_total',
    'Requests to the schema registry, by what came of them.',
    ['result'],
    ofSource(({ registryRequests }) => byLabel('result', registryRequests)),
  ),
  counter(
    'pauses_total',
    'How often something waited: reading for room in flight (in_flight), a partition for its schema (schema), sending for a collector that refuses (collector).',
    ['reason'],
    pauses(({ count }) => count),
  ),
  counter(
    'pause_seconds_total',
    'How long it waited, waits under way included; partitions that wait at the same time each count.',
    ['reason'],
    pauses(({ ms }) => ms / 1000),
  ),
  counter(
    'domain_conflicts_total',
    'Members of the group found with an Observation Domain that another one has; counted by the Worker that leads the group.',
    [],
    ({ domainConflicts }) => [[{}, domainConflicts]],
  ),
  counter(
    'worker_busy_seconds_total',
    "How long the Worker's event loop was at work; a rate near 1 is a Worker at its limit.",
    [],
    ({ busyMs }) => [[{}, busyMs / 1000]],
  ),
  gauge('worker_heap_bytes', "Heap in use in the Worker's thread.", [], ({ heapOctets }) => [
    [{}, heapOctets],
  ]),
  ofProcess(
    'worker_alive',
    '1 while the Worker was heard of within 10 seconds; 60 while it starts.',
    ['worker'],
    ({ workers }) => workers.map((view) => [{ worker: view.worker }, Number(!isSilent(view))]),
  ),
  counterOfProcess(
    'log_lines_dropped_total',
    'Lines of the log that were dropped, because nobody read it fast enough or it could not be written.',
    [],
    (view) => [[{}, view.logLinesDropped]],
  ),
  ofProcess('ready', '1 while /readyz answers 200.', [], (view) => [
    [{}, Number(notReady(view).length === 0)],
  ]),
  ofProcess('build_info', 'Always 1; the labels say what runs.', ['version', 'node'], (view) => [
    [{ version: view.facts.version, node: process.versions.node }, 1],
  ]),
];
