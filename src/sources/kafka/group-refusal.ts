// What a broker refuses a member for, in the terms of whoever configures it: the setting, the topics, the
// group. No retry changes it.

import { causeOf } from '../kafkajs/reach-brokers.ts';

export class GroupRefusedError extends Error {
  /** The name that the Kafka protocol has for it. */
  readonly code: string;
  /** Whether it is a setting that the broker does not allow. */
  readonly isSetting: boolean;
  override readonly name = 'GroupRefusedError';

  constructor(code: string, message: string, cause: unknown) {
    super(message, { cause });
    this.code = code;
    this.isSetting = code === 'INVALID_SESSION_TIMEOUT' || code === 'INVALID_GROUP_ID';
  }
}

interface Member {
  readonly groupId: string;
  readonly topics: readonly string[];
  readonly sessionTimeoutMs: number;
}

const problems: Readonly<Record<string, (member: Member) => string>> = {
  INCONSISTENT_GROUP_PROTOCOL: ({ groupId }) =>
    `group ${groupId}: its other members use another protocol, so they are another program; ` +
    'stop them, or give this one its own KAFKA_GROUP_ID',
  INVALID_SESSION_TIMEOUT: ({ groupId, sessionTimeoutMs }) =>
    `group ${groupId}: the broker does not allow KAFKA_SESSION_TIMEOUT=${sessionTimeoutMs}ms; choose a value ` +
    'between its group.min.session.timeout.ms and group.max.session.timeout.ms (by default 6s and 30m)',
  INVALID_GROUP_ID: ({ groupId }) =>
    `the broker does not allow the group name ${JSON.stringify(groupId)}; correct KAFKA_GROUP_ID`,
  GROUP_MAX_SIZE_REACHED: ({ groupId }) =>
    `group ${groupId}: it has as many members as the broker allows (group.max.size); ` +
    'run fewer WORKERS or processes, or raise the limit',
  GROUP_AUTHORIZATION_FAILED: ({ groupId }) =>
    `group ${groupId}: this client may not use it; grant READ on the group, or correct KAFKA_GROUP_ID`,
  TOPIC_AUTHORIZATION_FAILED: ({ topics }) =>
    `topics ${topics.join(', ')}: this client may not read all of them; ` +
    'grant READ and DESCRIBE on each, or correct KAFKA_TOPICS',
  CLUSTER_AUTHORIZATION_FAILED: () =>
    'this client may not do what it asks the cluster for; grant DESCRIBE on the cluster',
};

/** Undefined where the error is another one. */
export function refusalOf(error: unknown, member: Member): GroupRefusedError | undefined {
  if (!(error instanceof Error)) return undefined;
  const { type = '' } = causeOf(error);
  const problem = Object.hasOwn(problems, type) ? problems[type]!(member) : undefined;
  return problem === undefined ? undefined : new GroupRefusedError(type, problem, error);
}
