// Every warning and error of the log: its code, level and text, the names of its fields, and what an
// operator does about it. docs/logs.md is generated from this table, and a line without a code does not
// pass the tests. A code is never reused for another event.

import type { Logger } from 'pino';

export interface LogEvent {
  readonly level: 'warn' | 'error';
  /** The constant text of the line. What differs from line to line is in its fields. */
  readonly text: string;
  /** The meaning of each field; the general ones (`level`, `time`, `code`, `msg`) are not repeated. */
  readonly fields: Readonly<Record<string, string>>;
  readonly meaning: string;
  /** What to do. */
  readonly remedy: string;
}

const err =
  'the error, with its message; its stack only if the error is unexpected or `LOG_LEVEL` is `debug`';
const topic = 'the topic';
const partition = 'the partition';
const collector = 'address of the collector, or `file:` and the path';
const errno = 'the error code of the operating system, such as `ECONNREFUSED`';

export const logEvents = {
  SETTING_QUESTIONABLE: {
    level: 'warn',
    text: 'a setting or variable may not do what was intended',
    fields: { setting: 'name of the environment variable', problem: 'what is noticed about it' },
    meaning:
      'A variable looks like a misspelt setting, has no effect with the other settings, or sends a secret over a connection without TLS.',
    remedy: 'Correct or remove the variable. `kafka2ipfix validate` shows the same warnings.',
  },
  SECOND_SIGNAL: {
    level: 'warn',
    text: 'a second signal was received: exiting now, nothing more is committed',
    fields: {},
    meaning:
      'SIGTERM, SIGINT or SIGHUP came again during the shutdown, so the process does not wait.',
    remedy:
      'Nothing: what is not committed is read again. For a complete shutdown, send only one signal.',
  },
  SHUTDOWN_TIMEOUT_EXCEEDED: {
    level: 'error',
    text: 'not everything was settled within SHUTDOWN_TIMEOUT; the rest stays uncommitted',
    fields: {},
    meaning: 'The process exits with code 75. Events that were not committed are read again.',
    remedy:
      'Raise `SHUTDOWN_TIMEOUT` and the stop timeout of the supervisor, or find out why the collector or the broker is slow.',
  },
  WORKER_FAILED: {
    level: 'error',
    text: 'a Worker thread failed; the process ends',
    fields: { err, worker: 'number of the Worker, from 0' },
    meaning: 'A thread ended because of an error that nothing handled, such as a lack of memory.',
    remedy:
      'A restart is safe. Give the process more memory if that is what is missing, else report the error.',
  },
  PIPELINE_STOPPED: {
    level: 'error',
    text: 'a Worker stopped because of an error; the process ends',
    fields: { err: 'the error; its message says what to do' },
    meaning: 'The Worker cannot continue. Nothing that was not exported is committed.',
    remedy:
      'Do what the message says. The exit code says whether a restart can help: [exit codes](troubleshooting.md#the-process-ends).',
  },
  INPUT_FILE_DAMAGED: {
    level: 'error',
    text: 'the input file is damaged; the process exits with code 65',
    fields: {
      err: 'the error, with the block and the byte where it begins',
      exported: 'number of events of the file that were exported',
    },
    meaning: 'Events of the damaged part were not exported.',
    remedy: 'Write the file again. With `ON_BAD_EVENT=discard` the readable blocks are exported.',
  },
  INPUT_FILE_BLOCK_SKIPPED: {
    level: 'error',
    text: 'a part of the input file is damaged; reading continues after the next sync marker',
    fields: { err: 'the error, with the block and the byte where it begins' },
    meaning: 'With `ON_BAD_EVENT=discard`, a damaged block is skipped and its events are lost.',
    remedy: 'Write the file again if the events matter.',
  },
  LOG_LINES_DROPPED: {
    level: 'warn',
    text: 'log lines were dropped: nobody read the log fast enough, or it could not be written',
    fields: { dropped: 'number of lines since the last such warning' },
    meaning: 'The log never delays the export: when its buffer is full, lines are dropped.',
    remedy: 'Check the log driver, the pipe or the disk. Lower `LOG_LEVEL` if it is `debug`.',
  },
  KAFKA_AWAY: {
    level: 'warn',
    text: 'no Kafka broker answers; nothing is lost, and reading continues when one does: check the brokers and KAFKA_BROKERS',
    fields: {
      brokers: 'the addresses in `KAFKA_BROKERS`',
      reason: 'what failed, and what to do',
      seconds: 'for how long no broker has answered',
    },
    meaning:
      'No connection to any broker, or no answer. The line comes again each minute; `Kafka answers again` follows at the end.',
    remedy: 'Start the brokers, correct `KAFKA_BROKERS`, or look at the network between.',
  },
  CONSUMER_RESTARTED: {
    level: 'warn',
    text: 'reading from Kafka failed several times or for long, and is tried again; nothing is lost',
    fields: {
      group: 'the consumer group',
      error: 'what failed',
    },
    meaning:
      'The Kafka client gave up a request after its retries. The partitions are read again from the last committed offset.',
    remedy:
      'Check the brokers if it continues, or if `/readyz` reports `broker_silent` or `group_not_joined`.',
  },
  OBSERVATION_DOMAIN_SHARED: {
    level: 'error',
    text: 'members of the group use the same Observation Domain; a collector that receives them from one address mixes them up: give each process its own range with OBSERVATION_DOMAIN_ID',
    fields: { observationDomains: 'the Observation Domain IDs that more than one member uses' },
    meaning:
      'The collector treats two sequences of Messages as one: it reports losses and may mix up Templates.',
    remedy:
      'Give each process its own range with `OBSERVATION_DOMAIN_ID`; in Kubernetes use `auto`.',
  },
  ACCOUNT_UNBALANCED: {
    level: 'error',
    text: 'the account does not balance; please report this bug of kafka2ipfix',
    fields: { account: 'the account of all events' },
    meaning:
      'Consumed events are not the sum of those exported, dead-lettered, discarded, returned and in flight.',
    remedy: 'Save `/stats` and the log, and report it. A restart is safe.',
  },
  RETENTION_REMOVED_RECORDS: {
    level: 'error',
    text: 'retention removed records that were not exported; they are lost',
    fields: {
      topic,
      partition,
      offset: 'the offset that was to be read next',
      low: 'the first offset that is left; reading continues there',
      removed: 'number of offsets that were removed',
    },
    meaning: 'Kafka removed records before this group read them.',
    remedy:
      'Raise `retention.ms` or `retention.bytes` of the topic, and find out why the lag was so large.',
  },
  OFFSET_BEYOND_LOG_END: {
    level: 'error',
    text: 'the log of the partition ends below the next offset: its end was lost, or the topic was deleted and created again; reading continues at its first offset',
    fields: {
      topic,
      partition,
      offset: 'the offset that was to be read next',
      low: 'the first offset of the log; reading continues there',
      high: 'the end of the log',
    },
    meaning:
      'The offsets of the group belong to records that no longer exist. Records that are still there may be exported again.',
    remedy: 'Find out whether a broker lost data (unclean leader election).',
  },
  TOPIC_RECREATED: {
    level: 'warn',
    text: 'the topic was deleted and created again; reading its new log from the start',
    fields: { topic, partition, topicId: "Kafka's id of the new topic" },
    meaning: 'Records of the old log that were not read before are lost.',
    remedy: 'Nothing, if the topic was created again on purpose.',
  },
  PARTITIONS_UNREADABLE: {
    level: 'warn',
    text: 'partitions cannot be read; nothing is lost, and all other partitions continue',
    fields: {
      partitions: 'the partitions; only the name of a topic that does not exist',
      reason: 'why, and what to do',
      seconds: 'the longest time for which one of them has not been readable',
    },
    meaning:
      'The leader of the partitions is away, or their topic does not exist. They are tried again all the time.',
    remedy: 'Start the broker, or create the topic, or remove it from `KAFKA_TOPICS`.',
  },
  SCHEMA_UNAVAILABLE: {
    level: 'warn',
    text: 'waiting for a schema: these partitions are paused, nothing is lost, the others continue; check the schema registry',
    fields: {
      id: 'id of the schema in the registry',
      partitions: 'the partitions that wait for it',
      reason: 'why the registry does not return it',
    },
    meaning: 'The registry does not answer, or refuses. It is asked again until it does.',
    remedy: 'Check the registry, its URL and its credentials.',
  },
  BACKLOG_LARGE: {
    level: 'warn',
    text: 'large backlog and no EXPORT_RATE_LIMIT: a slow collector may drop records; consider setting it',
    fields: { lag: 'number of records that wait in the assigned partitions' },
    meaning: 'The backlog is exported at full speed, which can exceed what the collector takes.',
    remedy: 'Set `EXPORT_RATE_LIMIT` to what the collector is known to take.',
  },
  REBALANCE_DRAIN_INCOMPLETE: {
    level: 'warn',
    text: 'some events in flight were not settled before the rebalance and are exported again; raise KAFKA_DRAIN_TIMEOUT',
    fields: { drainTimeoutMs: 'the time that was allowed, in milliseconds' },
    meaning: 'The member that gets the partitions reads them from the last committed offset.',
    remedy: 'Raise `KAFKA_DRAIN_TIMEOUT`, or find out why the collector or the broker is slow.',
  },
  COMMIT_GENERATION_ENDED: {
    level: 'warn',
    text: 'not committed: the generation of the group has ended; the member that has the partitions now reads these events again',
    fields: { err },
    meaning: 'This member was removed from the group, or the group rebalanced meanwhile.',
    remedy:
      'If it happens often, see [rebalances](troubleshooting.md#a-rebalance-every-few-seconds).',
  },
  COMMIT_FAILED: {
    level: 'warn',
    text: 'the commit failed and is tried again: check that the broker answers',
    fields: { err, heldBack: 'number of such warnings that were left out since the last one' },
    meaning:
      'Exported events have not been committed for more than 2 seconds, so a crash would repeat more of them.',
    remedy: 'Check the brokers and the rights of this client in the group.',
  },
  DEAD_LETTERS_UNWRITABLE: {
    level: 'warn',
    text: 'dead letters cannot be written; nothing after them is committed until they are. Check that DLQ_TOPIC exists, that this client may write to it, and that its brokers are up',
    fields: {
      topic: 'the topic of the dead letters',
      letters: 'number of letters that this try was to write',
      waiting: 'number of letters that wait',
      error: 'answer of the broker',
      heldBack: 'number of such warnings that were left out since the last one',
    },
    meaning: 'The letters wait in memory and are tried again. When memory is full, reading stops.',
    remedy: 'Create the topic, grant WRITE, or start the brokers.',
  },
  DEAD_LETTERS_REMOVABLE: {
    level: 'warn',
    text: 'dead letters can be removed before anybody reads them',
    fields: {
      topic: 'the topic of the dead letters',
      reason: 'which settings of the topic remove them, and what to set',
    },
    meaning: 'The program counts dead letters as kept, but the topic does not keep them forever.',
    remedy: 'Read the letters in time, or change the settings of the topic as `reason` says.',
  },
  BAD_EVENT: {
    level: 'warn',
    text: 'an event cannot be exported',
    fields: {
      topic,
      partition,
      offset: 'offset of its message',
      event: 'number of the event in its message, from 0, if the message holds several',
      reason: 'path of the field, and what is wrong with it',
      done: '`discarded`, or `dead-lettered to` and the topic',
      heldBack: 'number of such warnings that were left out since the last one',
    },
    meaning:
      'The event cannot be read, or a value does not fit its Information Element. There is at most one line of a kind in 10 seconds.',
    remedy:
      'Fix the mapping or the producer. `requeue --show` prints dead letters, `requeue` sends them again.',
  },
  RECORDS_UNSENDABLE: {
    level: 'warn',
    text: 'Data Records are longer than the Messages that the path to the collector takes now; they are discarded',
    fields: {
      records: 'number of Data Records',
      claims: 'partitions, and the offsets from which the records may be',
    },
    meaning: 'The path MTU decreased below the length of records that were already encoded.',
    remedy: 'Raise the MTU of the path, or map fewer fields.',
  },
  COLLECTOR_REFUSES: {
    level: 'warn',
    text: 'the collector refuses datagrams; probing until it is back, nothing is lost: start it, or correct COLLECTORS',
    fields: {
      error: errno,
      collector,
      address: 'the address that refuses, if COLLECTORS names a host',
      next: 'the next address of that name, which is tried now',
    },
    meaning:
      'An ICMP message arrived: the port is closed, or the host or network cannot be reached. Reading stops at the limits of what may be in flight.',
    remedy: 'Start the collector, correct `COLLECTORS`, or allow its port in the firewall.',
  },
  COLLECTOR_STILL_AWAY: {
    level: 'warn',
    text: 'the collector still takes nothing; nothing is lost while Kafka keeps the records',
    fields: {
      collector,
      error: 'the code of the refusal, such as `ECONNREFUSED`',
      seconds: 'for how long, in seconds',
      lagRecords: 'number of records that wait in the assigned partitions',
      lagSeconds: 'age of the oldest of them, in seconds',
      lagIsLowerBound: 'true where it may be older',
      retentionLeft:
        'after which time `retention.ms` may remove the first of them; `retention.bytes` may do so earlier',
    },
    meaning: 'The line comes each minute while the collector refuses or nothing can be sent to it.',
    remedy:
      'Start the collector, or correct `COLLECTORS`. If retention ends before, raise `retention.ms` of the topic.',
  },
  COLLECTOR_STALLED: {
    level: 'warn',
    text: 'the kernel or the disk accepts nothing now; trying again',
    fields: { error: errno, reason: 'what failed', collector },
    meaning:
      'A send queue of this host is full, a local packet filter rejects, a route is missing, or the disk of a file collector is full.',
    remedy: 'See [Kafka2ipfixSendErrors](runbook.md#kafka2ipfixsenderrors).',
  },
  COLLECTOR_UNRESOLVED: {
    level: 'warn',
    text: 'the name of the collector cannot be resolved now; its last address is kept. Check COLLECTORS and the name server',
    fields: { err, collector },
    meaning: 'The name is resolved again while the collector refuses.',
    remedy: 'Check the name in `COLLECTORS` and the name server.',
  },
  PATH_MTU_DECREASED: {
    level: 'warn',
    text: 'the path MTU decreased; sending shorter Messages from now on',
    fields: {
      messageOctetsMax: 'longest Message from now on, in bytes',
      before: 'longest Message before, in bytes',
      collector,
    },
    meaning: 'A route changed. The limit does not rise again before a restart.',
    remedy: 'Nothing. Restart when the path has its larger MTU again.',
  },
  MESSAGE_TOO_LONG_FOR_PATH: {
    level: 'warn',
    text: 'a router dropped an oversized datagram; sending the confirm window again in shorter Messages',
    fields: { collector },
    meaning: 'Some events may arrive twice, none is lost.',
    remedy: 'Nothing. Set `PATH_MTU` if the MTU of the path is known.',
  },
  HOST_QUEUE_DROPS: {
    level: 'warn',
    text: 'a queue of this host dropped Messages or is full; sending each Message with its own call for a while',
    fields: {
      error: errno,
      collector,
      reason: 'what the queue did',
      singlyS: 'for how long, in seconds',
    },
    meaning:
      'The send queue of the network interface is too short for batches. What was dropped is sent again.',
    remedy: 'Raise `txqueuelen` or the limit of the queueing discipline, or set EXPORT_RATE_LIMIT.',
  },
  BATCHES_UNSUPPORTED: {
    level: 'warn',
    text: 'the kernel does not segment batches of Messages here; sending each Message with its own call',
    fields: { error: errno, collector },
    meaning: 'UDP segmentation offload does not work on this path. Throughput is lower.',
    remedy: 'Nothing. `UDP_SENDER=dgram` avoids the attempt.',
  },
  OUTPUT_FILE_UNFINISHED: {
    level: 'error',
    text: 'a file was not finished; what is not known to be in it is written to the next one',
    fields: { err, file: 'path of the file; it keeps its temporary name' },
    meaning: 'Writing or syncing failed. Some records may be in both files.',
    remedy: 'Check the disk.',
  },
  STATISTICS_STOPPED: {
    level: 'error',
    text: 'no more statistics are sent to the collector; flows are not affected',
    fields: { err },
    meaning: 'The Transport Session of the Options Records failed.',
    remedy: 'Do what the message of the error says, then restart.',
  },
} as const satisfies Record<string, LogEvent>;

export type LogCode = keyof typeof logEvents;

type FieldName<Code extends LogCode> = keyof (typeof logEvents)[Code]['fields'];

/** The fields that a line with this code may have. */
export type LogFields<Code extends LogCode> = Readonly<Partial<Record<FieldName<Code>, unknown>>>;

/** The codes of which LimitedLog may leave lines out. */
export type LimitedCode = {
  [Code in LogCode]: 'heldBack' extends FieldName<Code> ? Code : never;
}[LogCode];

type Target = Pick<Logger, 'warn' | 'error'>;

/** Logs a warning or an error. */
export function logEvent<Code extends LogCode>(
  log: Target,
  code: Code,
  fields: LogFields<Code>,
): void {
  write(log, code, logEvents[code], fields);
}

function write(
  log: Target,
  code: LogCode,
  { level, text }: Pick<LogEvent, 'level' | 'text'>,
  fields: object,
): void {
  const line: object = { code, ...fields };
  log[level](line, text);
}
