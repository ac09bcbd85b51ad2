// The partitions this member has now, each as an Origin that lives as long as the member keeps it.

import type { Origin } from './delivery.ts';
import type { Membership } from './kafkajs-membership.ts';

export class Assignment {
  readonly #origins = new Map<string, Origin>();
  #memberId = '';

  get(topic: string, partition: number): Origin | undefined {
    return this.#origins.get(keyOf(topic, partition));
  }

  /** Whether this very Origin is still assigned. */
  holds(origin: Origin): boolean {
    return this.get(origin.topic, origin.partition) === origin;
  }

  all(): Iterable<Origin> {
    return this.#origins.values();
  }

  /** The partition begins anew, with offsets that mean something else: a new Origin for it. */
  renew({ topic, partition, generation }: Origin): void {
    this.#origins.set(keyOf(topic, partition), { topic, partition, generation });
  }

  /**
   * Takes a new assignment over and returns the Origins that were lost. Another member id means
   * that the broker had given this member up, so others may have gone on: then nothing was kept.
   */
  take({ assignment, memberId, generation }: Membership): Origin[] {
    const before = [...this.#origins.values()];
    const kept = memberId === this.#memberId ? new Map(this.#origins) : new Map<string, Origin>();
    this.#memberId = memberId;
    this.#origins.clear();
    for (const { topic, partitions } of assignment) {
      for (const partition of partitions) {
        const key = keyOf(topic, partition);
        this.#origins.set(key, kept.get(key) ?? { topic, partition, generation });
      }
    }
    return before.filter((origin) => !this.holds(origin));
  }
}

const keyOf = (topic: string, partition: number): string => `${topic}\0${partition}`;
