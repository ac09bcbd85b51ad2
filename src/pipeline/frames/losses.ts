// How many events of each topic were not exported, by reason: what the account sums up, in detail.

export interface TopicLosses {
  readonly topic: string;
  /** Events whose dead letters are written, by the reason code of the letter. */
  readonly deadLettered: Readonly<Record<string, number>>;
  /** Discarded events, by the reason of the account. */
  readonly discarded: Readonly<Record<string, number>>;
}

interface Counts {
  readonly deadLettered: Record<string, number>;
  readonly discarded: Record<string, number>;
}

export class Losses {
  readonly #byTopic = new Map<string, Counts>();

  discarded(topic: string, reason: string): void {
    const { discarded } = this.#of(topic);
    discarded[reason] = (discarded[reason] ?? 0) + 1;
  }

  deadLettered(topic: string, reason: string, events: number): void {
    const { deadLettered } = this.#of(topic);
    deadLettered[reason] = (deadLettered[reason] ?? 0) + events;
  }

  get seen(): readonly TopicLosses[] {
    return Array.from(this.#byTopic, ([topic, counts]) => ({ topic, ...counts }));
  }

  #of(topic: string): Counts {
    let counts = this.#byTopic.get(topic);
    if (!counts) this.#byTopic.set(topic, (counts = { deadLettered: {}, discarded: {} }));
    return counts;
  }
}
