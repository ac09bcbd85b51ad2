// Commits what the Ledger allows, under the generation that was joined last: never with a handle
// from before, never for a partition that is no longer assigned, never a lower offset.

import type { Logger } from 'pino';
import { LimitedLog } from '../../log/limited-log.ts';
import { logEvent } from '../../log/log-events.ts';
import type { Assignment } from './assignment.ts';
import type { Contact } from './broker-contact.ts';
import { committedText } from './committed-text.ts';
import type { CommittableOffset, Intake, Origin } from '../delivery.ts';
import {
  generationEnded,
  type Membership,
  type PartitionOffset,
  type TopicOffsets,
} from '../kafkajs/kafkajs-membership.ts';

export interface CommitterOptions {
  readonly intake: Intake;
  readonly assignment: Assignment;
  readonly contact: Pick<Contact, 'isDisturbed'>;
  readonly log: Logger;
}

const retryMs = 250;
/** Brokers that are away are noticed within this time, and have a line of their own. */
const quietMs = 2_000;

export class Committer {
  /** Undefined between a rebalance's beginning and its end: then nothing is committed. */
  membership: Membership | undefined;
  /** Tries to commit, by what came of them. */
  readonly counts = { succeeded: 0, failed: 0 };
  readonly #options: CommitterOptions;
  readonly #committed = new Map<Origin, number>();
  /** Their topic is not there: a commit has nothing to go to. */
  readonly #absent = new Set<Origin>();
  #underWay: Promise<void> = Promise.resolve();
  readonly #limitedLog: LimitedLog;
  #failsSinceMs: number | undefined;

  constructor(options: CommitterOptions) {
    this.#options = options;
    this.#limitedLog = new LimitedLog(options.log);
  }

  #logFailed(err: Error): void {
    if (this.#options.contact.isDisturbed) {
      this.#failsSinceMs = undefined;
      return;
    }
    const nowMs = performance.now();
    this.#failsSinceMs ??= nowMs;
    if (nowMs - this.#failsSinceMs < quietMs) return;
    this.#limitedLog.event('COMMIT_FAILED', err.message, { err });
  }

  /** A failure that lasts is logged; it is tried again: by the next call, or with `last` here until it works. */
  async commit({ last }: { last: boolean }): Promise<void> {
    const { log } = this.#options;
    for (;;) {
      try {
        await this.#commitNow();
        this.#failsSinceMs = undefined;
        return;
      } catch (error) {
        this.counts.failed += 1;
        if (generationEnded(error)) {
          // Whoever has the partitions now begins at what is committed.
          logEvent(log, 'COMMIT_GENERATION_ENDED', { err: error });
          this.membership = undefined;
          return;
        }
        this.#logFailed(error as Error);
        if (!last) return;
        await new Promise((resolve) => setTimeout(resolve, retryMs));
      }
    }
  }

  /** Whether all that may be committed is. What has no topic any more need not be. */
  get allCommitted(): boolean {
    return this.#due().every(({ origin }) => this.#absent.has(origin));
  }

  /** The offset this member committed last of a partition. */
  committedOf(origin: Origin): number | undefined {
    return this.#committed.get(origin);
  }

  forget(origin: Origin): void {
    this.#committed.delete(origin);
    this.#absent.delete(origin);
  }

  #due(): CommittableOffset[] {
    const { intake, assignment } = this.#options;
    return intake
      .committable()
      .filter(({ origin }) => assignment.holds(origin))
      .filter(({ origin, offset }) => offset > (this.#committed.get(origin) ?? -1));
  }

  /** One after the other, so that no commit overtakes another with higher offsets. */
  #commitNow(): Promise<void> {
    const commit = this.#underWay.then(async () => {
      const { membership } = this;
      const due = this.#due();
      if (!membership || due.length === 0) return;
      const absent = await membership.commit(byTopic(due));
      this.counts.succeeded += 1;
      for (const { origin, offset } of due) {
        const isAbsent = absent.some(
          ({ topic, partition }) => topic === origin.topic && partition === origin.partition,
        );
        if (isAbsent) this.#absent.add(origin);
        else {
          this.#absent.delete(origin);
          this.#committed.set(origin, offset);
        }
      }
    });
    this.#underWay = commit.catch(() => undefined);
    return commit;
  }
}

function byTopic(due: readonly CommittableOffset[]): TopicOffsets[] {
  const topics = new Map<string, PartitionOffset[]>();
  for (const { origin, offset } of due) {
    const { partition, topicId } = origin;
    const partitions = topics.get(origin.topic) ?? [];
    partitions.push({ partition, offset: String(offset), metadata: committedText({ topicId }) });
    topics.set(origin.topic, partitions);
  }
  return Array.from(topics, ([topic, partitions]) => ({ topic, partitions }));
}
