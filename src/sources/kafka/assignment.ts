// The partitions this member has now, each as an Origin that lives as long as the member keeps it.

import type { Origin } from '../delivery.ts';
import type { Membership } from '../kafkajs/kafkajs-membership.ts';

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

  /** The partition begins again, with offsets that mean something else: a new Origin for it. */
  renew({ topic, partition, generation }: Origin, topicId: string | undefined): Origin {
    const renewed = { topic, partition, generation, topicId };
    this.#origins.set(keyOf(topic, partition), renewed);
    return renewed;
  }

  /**
   * Takes a new assignment over and returns the Origins that were lost, and those whose topic was deleted
   * and created again: their partition has a new Origin. Another member id means that the broker had given
   * this member up, so others may have gone on: then nothing was kept.
   */
  take(
    { assignment, memberId, generation }: Membership,
    topicIdOf: (topic: string) => string | undefined,
  ): { lost: Origin[]; recreated: Origin[] } {
    const before = [...this.#origins.values()];
    const kept = memberId === this.#memberId ? new Map(this.#origins) : new Map<string, Origin>();
    this.#memberId = memberId;
    this.#origins.clear();
    const recreated: Origin[] = [];
    for (const { topic, partitions } of assignment) {
      const topicId = topicIdOf(topic);
      for (const partition of partitions) {
        const key = keyOf(topic, partition);
        const had = kept.get(key);
        if (had && isOtherTopic(had, topicId)) recreated.push(had);
        const goesOn = had && !isOtherTopic(had, topicId);
        this.#origins.set(key, goesOn ? had : { topic, partition, generation, topicId });
      }
    }
    const lost = before.filter((origin) => !this.holds(origin) && !recreated.includes(origin));
    return { lost, recreated };
  }
}

/** Whether the topic of this id is another one; of an id that is not known nothing can be said. */
export const isOtherTopic = (origin: Origin, topicId: string | undefined): boolean =>
  origin.topicId !== undefined && topicId !== undefined && origin.topicId !== topicId;

const keyOf = (topic: string, partition: number): string => `${topic}\0${partition}`;
