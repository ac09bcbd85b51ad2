// What becomes of events that cannot be exported (ON_BAD_EVENT): the work stops at them, or they are
// discarded, or their message goes to the dead letters, once, however many bad ones it holds.

import type { Logger } from 'pino';
import { LimitedLog } from '../../log/limited-log.ts';
import {
  type DeadLetter,
  type DeadLetterReason,
  type DeadLetters,
  eventsHeader,
  headerPrefix,
  originalTimestampMs,
} from '../../sources/dead-letter.ts';
import type { Delivery } from '../../sources/delivery.ts';
import { type BadEventError, eventNumber, type Place } from './bad-event.ts';
import { UnmappableSchemaError } from '../mapping/bindings.ts';
import type { Clock } from '../../clock.ts';
import { eventNumbersText } from './event-numbers.ts';
import type { Progress } from '../frames/frame.ts';
import type { Ledger } from '../frames/ledger.ts';
import { discardReasons } from '../frames/discard-reasons.ts';
import { RecentBadEvents } from './recent-bad-events.ts';

/** What happens to an event that cannot be exported. */
export type OnBadEvent = 'stop' | 'dead-letter' | 'discard';

/** A bad event met with ON_BAD_EVENT=stop: names where it is and what to do next. */
export class StoppedAtBadEventError extends Error {
  readonly code = 'STOPPED_AT_BAD_EVENT';
  override readonly name = 'StoppedAtBadEventError';
}

interface BadEventsOptions {
  readonly onBadEvent: OnBadEvent;
  /** Needed where `onBadEvent` is dead-letter. */
  readonly deadLetters?: DeadLetters | undefined;
  readonly ledger: Ledger;
  readonly clock: Clock;
  readonly log: Logger;
}

type Fault = BadEventError | UnmappableSchemaError;

const discardReasonOf: Readonly<Record<DeadLetterReason, string>> = {
  TOO_LONG: discardReasons.tooLong,
  UNREADABLE: discardReasons.unreadable,
  UNMAPPABLE_SCHEMA: discardReasons.unmappableSchema,
  BAD_EVENT: discardReasons.badEvent,
};

/** The bad events of the message that is being painted. */
interface Found {
  readonly delivery: Delivery;
  readonly progress: Progress;
  /** The fault of the first bad event. */
  readonly fault: Fault;
  readonly i: number;
  readonly numbers: number[];
  events: number;
}

export class BadEvents {
  readonly recent = new RecentBadEvents();
  readonly #options: BadEventsOptions;
  readonly #log: LimitedLog;
  #found: Found | undefined;

  constructor(options: BadEventsOptions) {
    const { onBadEvent, deadLetters, clock, log } = options;
    if (onBadEvent === 'dead-letter' && !deadLetters) throw new Error('dead letters need a place');
    this.#options = options;
    this.#log = new LimitedLog(log, (ms, action) => clock.after(ms, action));
  }

  /** Returns an error where the work stops here: nothing from this event on may be committed. */
  met(fault: Fault, place: Place, progress: Progress): StoppedAtBadEventError | undefined {
    const { onBadEvent, ledger, deadLetters, clock } = this.#options;
    if (onBadEvent === 'stop') return this.#stop(fault, place, progress);
    const { delivery, i } = place;
    const { topic, partition } = delivery.origin;
    const offset = delivery.offsets[i]!;
    const event = eventNumber(place);
    const problem = fault.message;
    const done =
      onBadEvent === 'discard' ? 'discarded' : `dead-lettered to ${deadLetters?.topic ?? ''}`;
    const line = { topic, partition, offset, event, reason: problem, done };
    this.#log.event('BAD_EVENT', kindOf(fault, topic), line);
    const reason = reasonOf({ fault, delivery, i });
    const seen = { topic, partition, offset, event, reason, path: pathOf(fault), problem, done };
    this.recent.note({ atMs: clock.wallMs(), ...seen });
    if (onBadEvent === 'discard') ledger.discard(progress, discardReasonOf[reason]);
    else this.#note(fault, place, progress);
    return undefined;
  }

  /** The message that had bad events is painted. A message never goes on in another Delivery. */
  endMessage(): void {
    const found = this.#found;
    this.#found = undefined;
    if (!found) return;
    const { ledger, deadLetters } = this.#options;
    const letter = letterOf(found);
    const pending = {
      progress: found.progress,
      offset: letter.offset,
      events: found.events,
      reason: letter.reason,
      octets: octetsOf(letter),
    };
    ledger.hold(pending);
    void deadLetters!
      .send(letter, () => !pending.progress.dropped)
      .then(() => ledger.deadLetter(pending));
  }

  close(): void {
    this.#log.close();
  }

  #stop(fault: Fault, place: Place, progress: Progress): StoppedAtBadEventError {
    const { delivery, i, left } = place;
    const { topic, partition } = delivery.origin;
    const offset = delivery.offsets[i]!;
    const { ledger } = this.#options;
    const number = eventNumber(place);
    const event = number === undefined ? '' : ` event ${number}`;
    ledger.painted(progress, offset);
    ledger.giveBack(progress, delivery.count - i - 1 + left);
    return new StoppedAtBadEventError(
      `${topic}[${partition}] offset ${offset}${event}: ${fault.message}; it is not committed, ` +
        'and nothing above it in its partition is. ' +
        'Fix the mapping or the producer, set DLQ_TOPIC to keep such events there, ' +
        'or ON_BAD_EVENT=discard to discard and count them',
      { cause: fault },
    );
  }

  #note(fault: Fault, place: Place, progress: Progress): void {
    const { delivery, i } = place;
    const offset = delivery.offsets[i];
    if (this.#found && this.#found.delivery.offsets[this.#found.i] !== offset) this.endMessage();
    this.#found ??= { delivery, progress, fault, i, numbers: [], events: 0 };
    this.#found.events += 1;
    const number = eventNumber(place);
    // Several events of a datum among others have its number.
    if (number !== undefined && this.#found.numbers.at(-1) !== number) {
      this.#found.numbers.push(number);
    }
  }
}

const isUnread = ({ delivery, i }: Pick<Place, 'delivery' | 'i'>): boolean =>
  delivery.unreadable?.get(i)?.unread === true;

// Without what differs from event to event: an error's text may hold a value.
const kindOf = (fault: Fault, topic: string): string =>
  `${topic} ${fault.code} ${'path' in fault ? fault.path : fault.message}`;

const pathOf = (fault: Fault): string => ('path' in fault ? fault.path : '');

function reasonOf({
  fault,
  delivery,
  i,
}: Pick<Found, 'fault' | 'delivery' | 'i'>): DeadLetterReason {
  if (isUnread({ delivery, i })) return 'TOO_LONG';
  return delivery.unreadable?.has(i) ? 'UNREADABLE' : fault.code;
}

function letterOf(found: Found): DeadLetter {
  const { delivery, i, fault, numbers } = found;
  const { origin, offsets, metadata, schemas, schemaOf } = delivery;
  const reason = reasonOf(found);
  const schema =
    reason === 'TOO_LONG' || reason === 'UNREADABLE' ? '' : schemas[schemaOf?.[i] ?? 0]!.name;
  return {
    topic: origin.topic,
    partition: origin.partition,
    offset: offsets[i]!,
    timestampMs: metadata && originalTimestampMs(metadata, i),
    key: copied(metadata?.key(i)),
    value: copied(metadata?.value(i)),
    headers: (metadata?.headers(i) ?? [])
      .filter(({ key }) => !key.startsWith(headerPrefix))
      .map(({ key, value }) => ({ key, value: copied(value) })),
    events: numbers.length > 0 ? eventNumbersText(numbers) : requeuedAs(delivery, i),
    reason,
    problem: fault.message,
    schema,
    path: pathOf(fault),
  };
}

// Nothing of it can be read, and it came back from the dead letters: it is still about the same events.
const requeuedAs = ({ metadata }: Delivery, i: number): string | undefined =>
  metadata?.header(i, eventsHeader)?.toString('latin1');

// What a Delivery lies in is used again once it is painted.
const copied = (octets: Buffer | null | undefined): Buffer | null =>
  octets ? Buffer.from(octets) : null;

/** What a letter takes beside the octets of its message. */
const letterOctets = 1_024;

function octetsOf({ key, value, headers }: DeadLetter): number {
  let octets = letterOctets + (key?.length ?? 0) + (value?.length ?? 0);
  for (const header of headers) octets += header.key.length + (header.value?.length ?? 0);
  return octets;
}
