// A Worker's thread: makes the parts, runs the pipeline, and reports to the main thread how it ended.

import { setTimeout } from 'node:timers/promises';
import { parentPort, workerData } from 'node:worker_threads';
import type { Logger } from 'pino';
import { catchError, EMPTY, lastValueFrom, ReplaySubject, takeUntil, tap } from 'rxjs';
import { type Config, ConfigError, onBadEvent, rebalanceTimeoutMs } from '../config/config.ts';
import { readingSettings, sessionSettings } from '../config/groups.ts';
import { exitCode } from '../exit-code.ts';
import { createThreadLog } from '../log/log.ts';
import { type LoggedError, loggedError } from '../log/error-serializer.ts';
import { logEvent } from '../log/log-events.ts';
import { systemClock } from '../clock.ts';
import { collectorProfile } from '../pipeline/mapping/collector-profile.ts';
import { compiledPainter } from '../pipeline/painting/compiled-painter.ts';
import type { Mapping } from '../pipeline/mapping/mapping.ts';
import { byValuePainter } from '../pipeline/painting/painter.ts';
import { pipeline, type Source } from '../pipeline/pipeline.ts';
import { type TopicBindings, UnmappableSchemaError } from '../pipeline/mapping/bindings.ts';
import { StoppedAtBadEventError } from '../pipeline/bad-events/bad-events.ts';
import { Worker, type WorkerOptions } from '../pipeline/worker.ts';
import { bindingsOf, mappingsOf, topicsOf } from '../config/preparation.ts';
import { DeadLetterTopic } from '../sources/dead-letters/dead-letter-topic.ts';
import { RecentTroubles } from '../log/recent-troubles.ts';
import type { SourceSnapshot } from '../sources/source-snapshot.ts';
import { type AvroFile, openAvroFile } from '../sources/file/avro-file.ts';
import { AvroContainerError } from '../sources/file/octet-reader.ts';
import type { KafkaConnection } from '../sources/kafkajs/kafka-client.ts';
import { BrokerContact } from '../sources/kafka/broker-contact.ts';
import { GroupRefusedError } from '../sources/kafka/group-refusal.ts';
import { KafkaSource } from '../sources/kafka/kafka-source.ts';
import { version } from '../version.ts';
import { kafkaConnection } from './kafka-connection.ts';
import { schemaStore } from './schema-sources.ts';
import { senderFor } from './sender-for.ts';
import { startStatistics, type Statistics } from './statistics.ts';
import { SharedDomains } from './shared-domains.ts';
import { Telling } from './worker-telling.ts';
import type {
  AccountMessage,
  Ending,
  FiguresMessage,
  LogLine,
  ToWorker,
  WorkerAssignment,
} from './thread-messages.ts';

/** A source that can be asked to deliver nothing more. */
interface StoppableSource extends Source {
  readonly allCommitted: boolean;
  readonly snapshot: SourceSnapshot | undefined;
  stop(): void;
  close(): Promise<void>;
}

interface Parts {
  readonly worker: Worker;
  readonly source: StoppableSource;
  readonly deadLetters?: DeadLetterTopic | undefined;
  readonly domains: SharedDomains | undefined;
  /** The first damaged place of a file that was met. */
  readonly damage?: () => AvroContainerError | undefined;
}

async function main(assignment: WorkerAssignment): Promise<void> {
  const { config, index } = assignment;
  const troubles = new RecentTroubles();
  const { LOG_LEVEL: level, LOG_FORMAT: format } = config;
  const handOver = (line: string) =>
    parentPort?.postMessage({ kind: 'log', line } satisfies LogLine);
  const threadLog = createThreadLog(assignment.logRoom, handOver, { level, format, troubles });
  const log = threadLog.child({ worker: index });
  const isWatched = config.HTTP_LISTEN !== 'off';
  const telling = new Telling({ worker: index, port: assignment.watcher, troubles, isWatched });
  const contact = contactFor(assignment, log);
  telling.contact = contact;
  const stopped = new AbortController();
  let parts: Parts | undefined;
  let statistics: Statistics | undefined;
  parentPort?.on('message', (message: ToWorker) => {
    if (message.kind === 'account') tellAccount(parts?.worker);
    else if (message.kind === 'figures') statistics?.note(message.figures);
    else {
      stopped.abort();
      parts?.source.stop();
    }
  });
  let code: number;
  let error: LoggedError | undefined;
  try {
    const isReached = contact === undefined || (await contact.reach(stopped.signal));
    parts = isReached ? await partsFor(assignment, contact, log) : undefined;
    telling.parts = parts;
    if (stopped.signal.aborted) parts?.source.stop();
    if (parts) await parts.worker.start();
    statistics = parts && (await startStatistics(assignment, parts.worker, tell, log));
    code = parts ? await run(parts, statistics, assignment, log) : exitCode.ok;
  } catch (caught) {
    error = loggedError(caught as Error, level === 'debug');
    code = exitCodeOf(caught);
    // Leaving, uncommitted, lets the others go on at once; a member gone silent is waited for.
    if (parts) await Promise.race([parts.source.close(), setTimeout(leaveMaxMs)]).catch(() => {});
  }
  telling.tell();
  const ended: Ending = {
    kind: 'ended',
    code,
    account: parts?.worker.ledger.account,
    counts: parts?.worker.sink.counts,
    error,
  };
  parentPort?.postMessage(ended);
  // kafkajs may hold timers and sockets yet; whatever it is, nothing waits for it any more.
  process.exit(code);
}

async function run(
  { worker, source, deadLetters, damage }: Parts,
  statistics: Statistics | undefined,
  assignment: WorkerAssignment,
  log: Logger,
): Promise<number> {
  const { COMMIT_INTERVAL: commitIntervalMs } = assignment.config;
  await lastValueFrom(pipeline(source, worker, commitIntervalMs), { defaultValue: undefined });
  await statistics?.end();
  const settled = worker.ledger.account.inFlight === 0 && source.allCommitted;
  if (worker.stoppedBy) throw worker.stoppedBy;
  await source.close();
  await deadLetters?.close();
  const damaged = damage?.();
  if (damaged) {
    const { exported } = worker.ledger.account;
    logEvent(log, 'INPUT_FILE_DAMAGED', { err: damaged, exported });
    return exitCode.badEvent;
  }
  return settled ? exitCode.ok : exitCode.temporary;
}

const tell = (message: FiguresMessage) => parentPort?.postMessage(message);

function tellAccount(worker: Worker | undefined): void {
  const account = worker?.ledger.account;
  const counts = worker?.sink.counts;
  parentPort?.postMessage({ kind: 'account', account, counts } satisfies AccountMessage);
}

function exitCodeOf(error: unknown): number {
  if (error instanceof StoppedAtBadEventError) return exitCode.badEvent;
  if (error instanceof AvroContainerError) return exitCode.badEvent;
  if (error instanceof ConfigError) return exitCode.config;
  if (error instanceof GroupRefusedError && error.isSetting) return exitCode.config;
  return exitCode.software;
}

const leaveMaxMs = 2_000;

/** Records; a collector with the usual receive buffer takes about 2,000 in a burst. */
const largeBacklog = 100_000;

/** Undefined where a file is read. One Worker logs for all: they have the same brokers. */
function contactFor(
  { config, files, index }: WorkerAssignment,
  log: Logger,
): BrokerContact | undefined {
  if (config.INPUT_FILE !== undefined) return undefined;
  const connection = kafkaConnection(config, files.kafkaTls);
  return new BrokerContact({ connection, log: index === 0 ? log : undefined });
}

function partsFor(
  assignment: WorkerAssignment,
  contact: BrokerContact | undefined,
  log: Logger,
): Promise<Parts> {
  return contact
    ? kafkaParts(assignment, contact, log)
    : fileParts(assignment, assignment.config.INPUT_FILE!, log);
}

async function kafkaParts(
  assignment: WorkerAssignment,
  contact: BrokerContact,
  log: Logger,
): Promise<Parts> {
  const { config, index, files } = assignment;
  const topics = topicsOf(config, files);
  const connection = kafkaConnection(config, files.kafkaTls);
  const deadLetters = await deadLettersFor(config, connection, log);
  const told = { bindingsOf: bindingsOf(topics), known: mappingsOf(topics), deadLetters };
  const worker = workerFor(assignment, told, log);
  const domains = new SharedDomains(assignment.plan.observationDomainId + index, log);
  const framings = new Map(topics.map(({ topic, framing }) => [topic, framing]));
  const source = new KafkaSource({
    ...readingSettings(config),
    ...{ connection, contact },
    topics: config.KAFKA_TOPICS ?? [],
    groupId: config.KAFKA_GROUP_ID ?? '',
    framingOf: (topic) => framings.get(topic)!,
    schemas: schemaStore(config, files, topics),
    autoOffsetReset: config.KAFKA_AUTO_OFFSET_RESET,
    sessionTimeoutMs: config.KAFKA_SESSION_TIMEOUT,
    rebalanceTimeoutMs,
    metadataMaxAgeMs: config.KAFKA_METADATA_MAX_AGE,
    drainTimeoutMs: config.KAFKA_DRAIN_TIMEOUT,
    fetch: {
      octetsMax: config.KAFKA_FETCH_MAX_BYTES,
      partitionOctetsMax: config.KAFKA_FETCH_MAX_BYTES_PER_PARTITION,
      waitMs: config.KAFKA_FETCH_MAX_WAIT,
    },
    deliveryEventsMax: assignment.plan.deliveryEvents,
    lagWarnedAbove: assignment.plan.rateLimit ? Infinity : largeBacklog,
    userData: domains.userData,
    membersTold: (userData) => domains.check(userData),
    intake: worker.intake,
    log,
  });
  return { worker, source, deadLetters, domains };
}

async function deadLettersFor(
  config: Config,
  connection: KafkaConnection,
  log: Logger,
): Promise<DeadLetterTopic | undefined> {
  if (onBadEvent(config) !== 'dead-letter') return undefined;
  const groupId = config.KAFKA_GROUP_ID!;
  return DeadLetterTopic.open({ connection, topic: config.DLQ_TOPIC!, groupId, version, log });
}

// A file says itself how its events were written; a schema file may still bring the mapping.
async function fileParts(assignment: WorkerAssignment, path: string, log: Logger): Promise<Parts> {
  const file = await openAvroFile(path);
  const bindings = bindingsOf(topicsOf(assignment.config, assignment.files))(path);
  const known = [mappingIn(bindings, file)];
  const worker = workerFor(assignment, { bindingsOf: () => bindings, known }, log);
  // Kept, because the word may come before the file is read.
  const stop = new ReplaySubject<void>(1);
  let readToEnd = false;
  let damage: AvroContainerError | undefined;
  const passOver = (place: AvroContainerError): void => {
    damage ??= place;
    logEvent(log, 'INPUT_FILE_BLOCK_SKIPPED', { err: place });
  };
  // What was read before the place leaves, as at the file's end.
  const endAtDamage = (error: unknown) => {
    if (!(error instanceof AvroContainerError)) throw error;
    damage = error;
    return EMPTY;
  };
  const source: StoppableSource = {
    deliveries: file
      .deliveries(worker.intake, onBadEvent(assignment.config) === 'discard' ? { passOver } : {})
      .pipe(catchError(endAtDamage), tap({ complete: () => (readToEnd = true) }), takeUntil(stop)),
    // A file has no offsets to commit: it is read once, from its beginning to its end.
    commit: () => Promise.resolve(),
    get allCommitted() {
      return readToEnd;
    },
    snapshot: undefined,
    stop: () => stop.next(),
    close: () => Promise.resolve(),
  };
  return { worker, source, domains: undefined, damage: () => damage };
}

function mappingIn(bindings: TopicBindings, { path, writerSchema }: AvroFile): Mapping {
  try {
    return bindings.of(writerSchema).mapping;
  } catch (error) {
    if (!(error instanceof UnmappableSchemaError)) throw error;
    throw new ConfigError([{ where: path, problem: error.message }]);
  }
}

function workerFor(
  { config, plan, index }: WorkerAssignment,
  told: Pick<WorkerOptions, 'bindingsOf' | 'known' | 'deadLetters'>,
  log: Logger,
): Worker {
  const clock = systemClock();
  const observationDomainId = plan.observationDomainId + index;
  return new Worker({
    ...told,
    ...sessionSettings(config),
    sender: senderFor(config, plan, { index, observationDomainId, clock, log }),
    clock,
    observationDomainId,
    messageOctetsMax: plan.messageOctetsMax,
    flushIntervalMs: config.FLUSH_INTERVAL,
    templatesMax: config.MAX_TEMPLATES,
    templatesInMessageMax: collectorProfile(config.COLLECTOR_PROFILE).templatesMax,
    inFlightBytes: config.IN_FLIGHT_BYTES,
    inFlightEvents: plan.inFlightEvents,
    rateLimit: plan.rateLimit,
    onBadEvent: onBadEvent(config),
    painterFor: config.COMPILED_PAINTER ? compiledPainter : byValuePainter,
    domainOptions: {
      flowKeys: config.EXPORT_FLOW_KEYS ?? [],
      elementTypes: config.EXPORT_ELEMENT_TYPES,
      samplingRate: config.EXPORT_SAMPLING_RATE,
    },
    optionsRefreshIntervalMs: config.OPTIONS_REFRESH_INTERVAL,
    log,
  });
}

await main(workerData as WorkerAssignment);
