// Every metric of our own, and what of the Workers' snapshots it shows. docs/metrics.md is generated
// from here.

import type { Account } from '../pipeline/frames/ledger.ts';
import type { SentCounts } from '../pipeline/sending/session.ts';
import { discardReasons } from '../pipeline/frames/discard-reasons.ts';
import { deadLetterReasons } from '../sources/dead-letter.ts';
import type { PartitionSeen } from '../sources/source-snapshot.ts';
import type { TopicLosses } from '../pipeline/frames/losses.ts';
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

/** Each known topic and reason is always there: an increase from nothing would not be seen. */
const byTopicAndReason = (
  reasons: readonly string[],
  of: (losses: TopicLosses) => Readonly<Record<string, number>>,
) =>
  ofPipeline(({ losses }, { kafka, input }) => {
    const zeros = Object.fromEntries(reasons.map((reason) => [reason, 0]));
    const byTopic = new Map((kafka?.topics ?? [input ?? '']).map((topic) => [topic, zeros]));
    for (const lost of losses) byTopic.set(lost.topic, { ...zeros, ...of(lost) });
    return Array.from(byTopic, ([topic, counts]) =>
      Object.entries(counts).map(([reason, count]) => [{ topic, reason }, count] as const),
    ).flat();
  });

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
  counter(
    'records_consumed_total',
    'Flow events read from Kafka or the file.',
    [],
    account('consumed'),
  ),
  counter(
    'records_exported_total',
    'Flow events sent and not refused within CONFIRM_WINDOW; each one counts once.',
    [],
    account('exported'),
  ),
  counter(
    'records_dead_lettered_total',
    'Flow events that were written to the dead-letter topic, by the topic they came from and the reason code of their letter.',
    ['topic', 'reason'],
    byTopicAndReason(deadLetterReasons, ({ deadLettered }) => deadLettered),
  ),
  counter(
    'records_discarded_total',
    'Flow events that are not exported, by topic and reason: a reason of the program, or a name from the mapping.',
    ['topic', 'reason'],
    byTopicAndReason(Object.values(discardReasons), ({ discarded }) => discarded),
  ),
  counter(
    'records_returned_total',
    'Flow events that were in flight when their partition was revoked; they are read again.',
    [],
    account('returned'),
  ),
  gauge(
    'records_in_flight',
    'Flow events that were read and are not settled: consumed = exported + dead-lettered + discarded + returned + in flight.',
    [],
    account('inFlight'),
  ),
  counter(
    'records_removed_total',
    'Records that Kafka removed before they were read, usually by retention; not included in consumed.',
    [],
    account('removed'),
  ),
  counter(
    'received_bytes_total',
    'Bytes of the Avro datums read.',
    [],
    ofPipeline(({ receivedOctets }) => [[{}, receivedOctets]]),
  ),
  counter(
    'sent_bytes_total',
    'Bytes of the Messages sent, including repeated ones.',
    [],
    sent('octets'),
  ),
  counter('messages_sent_total', 'Messages sent, including repeated ones.', [], sent('messages')),
  counter(
    'messages_resent_total',
    'Messages sent again after a refusal.',
    [],
    sent('resentMessages'),
  ),
  counter(
    'template_messages_sent_total',
    'Messages that contain only Templates; included in messages sent.',
    [],
    sent('templateMessages'),
  ),
  counter(
    'data_records_sent_total',
    'Flow Records in the Messages sent; an event can have none, one or several.',
    [],
    sent('records'),
  ),
  counter(
    'options_records_sent_total',
    'Data Records of Options Templates in the Messages sent.',
    [],
    sent('optionsRecords'),
  ),
  counter(
    'send_errors_total',
    'Errors of the socket or the disk for a Message, by code: a refusal, or a shortage after which it is tried again.',
    ['code'],
    ofPipeline(({ sendErrors }) => byLabel('code', { ECONNREFUSED: 0, ...sendErrors })),
  ),
  gauge(
    'collector_refusing',
    '1 while the collector refuses and is probed; nothing is exported during this time.',
    ['collector'],
    ofPipeline(({ collector: { address, state } }) => [
      [{ collector: address }, Number(state === 'refusing')],
    ]),
  ),
  gauge(
    'templates_active',
    'Active Templates, at most MAX_TEMPLATES; Options Templates are not included.',
    [],
    ofPipeline(({ templates }) => [[{}, templates.length]]),
  ),
  histogram(
    'message_age_seconds',
    'Time from the first record of a Message to its first hand-over to the kernel; at most FLUSH_INTERVAL while nothing blocks sending.',
    ({ messageAge }) => messageAge,
  ),
  histogram(
    'export_delay_seconds',
    'Time from the Kafka timestamp of an event to the hand-over of its Message; sampled once for each Message.',
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
    'Age of the oldest record of the partition that is not committed, by its Kafka timestamp; 0 if all are.',
    partitionLabels,
    ofPartitions(({ lagSeconds }) => lagSeconds),
  ),
  gauge(
    'kafka_lag_lower_bound',
    '1 while the true lag of the partition may be larger: no broker answers, or its oldest record has no timestamp; else 0.',
    partitionLabels,
    ofPartitions(({ lagSeconds, lagIsLowerBound }) =>
      lagSeconds === undefined ? undefined : Number(lagIsLowerBound),
    ),
  ),
  gauge(
    'kafka_committed_offset',
    'The committed offset, where reading continues after a restart.',
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
    'Commits of offsets, by result.',
    ['result'],
    ofSource(({ commits }) => byLabel('result', commits)),
  ),
  gauge(
    'kafka_partitions_away',
    'Partitions that cannot be read now: without a leader, or of a topic that does not exist. Other partitions continue.',
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
    'Requests to the schema registry, by result.',
    ['result'],
    ofSource(({ registryRequests }) => byLabel('result', registryRequests)),
  ),
  counter(
    'pauses_total',
    'Number of pauses: reading waits for the in-flight limit (in_flight), a partition for its schema (schema), sending for a collector that refuses (collector).',
    ['reason'],
    pauses(({ count }) => count),
  ),
  counter(
    'pause_seconds_total',
    'Total time of these pauses, including current ones; partitions that wait at the same time count separately.',
    ['reason'],
    pauses(({ ms }) => ms / 1000),
  ),
  counter(
    'domain_conflicts_total',
    'Members of the group with an Observation Domain that another member uses; counted by the Worker that leads the group.',
    [],
    ({ domainConflicts }) => [[{}, domainConflicts]],
  ),
  counter(
    'worker_busy_seconds_total',
    "Busy time of the Worker's event loop; a rate near 1 means that the Worker is at its limit.",
    [],
    ({ busyMs }) => [[{}, busyMs / 1000]],
  ),
  gauge('worker_heap_bytes', "Heap in use in the Worker's thread.", [], ({ heapOctets }) => [
    [{}, heapOctets],
  ]),
  ofProcess(
    'worker_alive',
    '1 if the Worker has reported within 10 seconds (60 seconds during its start).',
    ['worker'],
    ({ workers }) => workers.map((view) => [{ worker: view.worker }, Number(!isSilent(view))]),
  ),
  counterOfProcess(
    'log_lines_dropped_total',
    'Log lines that were dropped, because nobody read the log fast enough or it could not be written.',
    [],
    (view) => [[{}, view.logLinesDropped]],
  ),
  ofProcess('ready', '1 while /readyz answers 200.', [], (view) => [
    [{}, Number(notReady(view).length === 0)],
  ]),
  ofProcess(
    'build_info',
    'Always 1; the labels show the versions in use.',
    ['version', 'node'],
    (view) => [[{ version: view.facts.version, node: process.versions.node }, 1]],
  ),
];
