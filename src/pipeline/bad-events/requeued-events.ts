// A message that comes back from the dead letters holds all its events, and says in a header which of
// them are still to be exported. Only messages of several events are looked at.

import { eventsHeader } from '../../sources/dead-letter.ts';
import type { Delivery } from '../../sources/delivery.ts';
import { isAlone, numberInMessage } from './bad-event.ts';
import { eventNumbersFrom } from './event-numbers.ts';

export class RequeuedEvents {
  /** Whether any message of the Delivery at hand has several datums. */
  isGrouped = false;
  #delivery: Delivery | undefined;
  #offset = -1;
  #numbers: ReadonlySet<number> | undefined;

  /** Before the datums of a Delivery: most have none that shares its message. */
  begin({ offsets, count }: Delivery): void {
    this.isGrouped = false;
    for (let i = 1; i < count && !this.isGrouped; i += 1) {
      this.isGrouped = offsets[i] === offsets[i - 1];
    }
  }

  /** Whether none of datum i is to be exported; it shares its message with others. */
  passesOver(delivery: Delivery, i: number): boolean {
    if (!this.isGrouped || !delivery.metadata || isAlone(delivery, i)) return false;
    const numbers = this.#of(delivery, i);
    return numbers !== undefined && !numbers.has(numberInMessage(delivery, i));
  }

  /** The events of datum i that are to be exported; undefined: all of them. */
  among(delivery: Delivery, i: number): ReadonlySet<number> | undefined {
    return delivery.metadata && isAlone(delivery, i) ? this.#of(delivery, i) : undefined;
  }

  // A message's datums come one after the other.
  #of(delivery: Delivery, i: number): ReadonlySet<number> | undefined {
    const offset = delivery.offsets[i]!;
    if (this.#delivery !== delivery || this.#offset !== offset) {
      this.#delivery = delivery;
      this.#offset = offset;
      const text = delivery.metadata?.header(i, eventsHeader)?.toString('latin1');
      this.#numbers = text === undefined ? undefined : eventNumbersFrom(text);
    }
    return this.#numbers;
  }
}
