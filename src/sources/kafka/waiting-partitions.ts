// Partitions that wait for a schema the registry does not give: paused, asked for again from time to
// time, and resumed. The others run on. It knows of Kafka only how to pause and to resume.

import type { Logger } from 'pino';
import { logEvent } from '../../log/log-events.ts';
import { type After, afterTimeout } from '../../clock.ts';
import { Pauses } from '../../pauses.ts';
import type { Origin } from '../delivery.ts';
import { isUnknown, type SchemaStore } from '../schemas/schema-store.ts';
import type { SchemaWait } from '../source-snapshot.ts';

export interface WaitingOptions {
  readonly schemas: SchemaStore;
  readonly pause: (origin: Origin) => void;
  readonly resume: (origin: Origin) => void;
  readonly log: Logger;
  readonly after?: After;
}

const askAgainMs = 500;
const askAgainMaxMs = 10_000;
const tellAgainMs = 10_000;

interface Wait {
  readonly origins: Set<Origin>;
  reason: string;
  waitMs: number;
  toldAtMs: number;
  stop: () => void;
}

export class WaitingPartitions {
  /** The waits of each partition that had to wait. */
  readonly pauses = new Pauses();
  readonly #options: WaitingOptions;
  /** The waits by the id that is needed. */
  readonly #waits = new Map<number, Wait>();

  constructor(options: WaitingOptions) {
    this.#options = options;
  }

  /** Pauses a partition until the schema is known; `reason` is why it is not. */
  wait(origin: Origin, id: number, reason: string): void {
    let wait = this.#waits.get(id);
    if (!wait) {
      wait = {
        origins: new Set(),
        reason,
        waitMs: askAgainMs,
        toldAtMs: -Infinity,
        stop: () => {},
      };
      this.#waits.set(id, wait);
      this.#askLater(id, wait);
    }
    if (!wait.origins.has(origin)) this.pauses.begin(performance.now());
    wait.origins.add(origin);
    this.#options.pause(origin);
    this.#tell(id, wait, reason);
  }

  /** After a rejoin: what is kept waits on, paused again; what is lost is forgotten and unpaused. */
  rejoined(holds: (origin: Origin) => boolean): void {
    for (const [id, wait] of this.#waits) {
      for (const origin of wait.origins) {
        if (holds(origin)) this.#options.pause(origin);
        else {
          wait.origins.delete(origin);
          this.pauses.end(performance.now());
          this.#options.resume(origin);
        }
      }
      if (wait.origins.size === 0) this.#end(id, wait);
    }
  }

  /** What waits now, and why. */
  seen(): SchemaWait[] {
    return Array.from(this.#waits, ([id, { reason, origins }]) => ({
      id,
      reason,
      partitions: [...origins].map(nameOf),
    }));
  }

  /** Nothing is resumed any more. */
  close(): void {
    for (const [id, wait] of this.#waits) this.#end(id, wait);
  }

  #end(id: number, wait: Wait): void {
    wait.stop();
    for (let i = 0; i < wait.origins.size; i += 1) this.pauses.end(performance.now());
    this.#waits.delete(id);
  }

  #askLater(id: number, wait: Wait): void {
    const { after = afterTimeout } = this.#options;
    wait.stop = after(wait.waitMs, () => {
      wait.waitMs = Math.min(wait.waitMs * 2, askAgainMaxMs);
      void this.#ask(id, wait);
    });
  }

  async #ask(id: number, wait: Wait): Promise<void> {
    const { schemas, log, resume } = this.#options;
    try {
      const answer = await schemas.fetch(id);
      if (this.#waits.get(id) !== wait) return;
      this.#end(id, wait);
      const partitions = [...wait.origins].map(nameOf);
      const found = isUnknown(answer) ? answer.problem : answer.name;
      log.info({ id, partitions, found }, 'the schema registry answered; continuing');
      for (const origin of wait.origins) resume(origin);
    } catch (error) {
      if (this.#waits.get(id) !== wait) return;
      this.#tell(id, wait, (error as Error).message);
      this.#askLater(id, wait);
    }
  }

  #tell(id: number, wait: Wait, reason: string): void {
    wait.reason = reason;
    const nowMs = performance.now();
    if (nowMs - wait.toldAtMs < tellAgainMs) return;
    wait.toldAtMs = nowMs;
    const partitions = [...wait.origins].map(nameOf);
    logEvent(this.#options.log, 'SCHEMA_UNAVAILABLE', { id, partitions, reason });
  }
}

const nameOf = ({ topic, partition }: Origin): string => `${topic}[${partition}]`;
