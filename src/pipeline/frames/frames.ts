// The open Frames of one Worker, one for each Template, and the reasons for which they are sealed:
// the next Data Record would pass the path MTU, the first one is FLUSH_INTERVAL old, or pressure.

import type { Template } from '../../ipfix/template.ts';
import type { ActiveTemplates } from '../templates/active-templates.ts';
import type { Clock } from '../../clock.ts';
import { Frame, recordRoom } from './frame.ts';
import { FrameRooms } from './frame-room.ts';
import { FrameStream } from './frame-stream.ts';
import type { Ledger } from './ledger.ts';

interface FramesOptions {
  /** At the start, and what each buffer has. */
  readonly messageOctetsMax: number;
  readonly flushIntervalMs: number;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly templates: ActiveTemplates;
}

export class Frames {
  /** Each sealed Frame, in the order of sealing. */
  readonly sealed = new FrameStream();
  readonly #options: FramesOptions;
  /** The open Frame by Template ID; undefined once it is sealed, which costs less than to take it out. */
  readonly #open = new Map<number, Frame | undefined>();
  #openCount = 0;
  /** Of the open ones. Those behind it in the Ledger's order are open, or sealed and not settled. */
  #oldest: Frame | undefined;
  readonly #free: Frame[] = [];
  readonly #rooms: FrameRooms;
  #messageOctetsMax: number;
  /** When the present Delivery came, and how old it was then. */
  #nowMs: number;
  #eventAgeMs = NaN;
  #stopTimer: (() => void) | undefined;

  constructor(options: FramesOptions) {
    this.#options = options;
    this.#rooms = new FrameRooms(options.messageOctetsMax);
    this.#messageOctetsMax = options.messageOctetsMax;
    this.#nowMs = options.clock.monotonicMs();
  }

  /** The longest Data Record that a Message can carry, in octets. */
  get recordOctetsMax(): number {
    return recordRoom(this.#messageOctetsMax);
  }

  /** Messages have to be shorter from now on. */
  lower(messageOctetsMax: number): void {
    this.#messageOctetsMax = messageOctetsMax;
    for (const frame of this.#openOnes()) frame.shorten(messageOctetsMax);
  }

  /**
   * A Delivery comes: what is opened for it counts as opened now. A clock asked for each Message would
   * cost an object each time. `eventAgeMs` is by its Kafka timestamp; NaN where none is known.
   */
  begin(eventAgeMs: number): void {
    this.#nowMs = this.#options.clock.monotonicMs();
    this.#eventAgeMs = eventAgeMs;
  }

  /**
   * The open Frame of a Template with room for `octets` more; seals the one that has none.
   * `octets` is at most `recordOctetsMax`: the Painter asks before.
   */
  openFor(template: Template, octets: number): Frame {
    const frame = this.#open.get(template.id);
    if (frame?.records === 0) return this.#openAgain(frame);
    if (frame?.fits(octets)) return frame;
    if (frame) this.#seal(frame);
    return this.#openNew(template);
  }

  /**
   * Seals the oldest Frames while they are what holds everything else up: while the oldest one of
   * all in flight is open, or open ones take half of the room.
   */
  relieve(): void {
    const { ledger } = this.#options;
    while (this.#oldest) {
      const crowded = this.#openCount * 2 >= ledger.framesMax;
      if (!crowded && ledger.oldestUnderPressure !== this.#oldest) return;
      this.#seal(this.#oldest);
    }
  }

  sealAll(): void {
    while (this.#oldest) this.#seal(this.#oldest);
  }

  /** Takes a settled Frame back: its octets are painted over. */
  recycle(frame: Frame): void {
    this.#free.push(frame);
  }

  #openNew(template: Template): Frame {
    const { templates } = this.#options;
    const retired = templates.use(template);
    if (retired) {
      const held = this.#open.get(retired.id);
      if (held) this.#seal(held);
    }
    const frame = this.#free.pop() ?? new Frame(this.#rooms.next(), template);
    frame.open(template, this.#nowMs, this.#messageOctetsMax, this.#eventAgeMs);
    this.#note(frame);
    this.#armTimer();
    return frame;
  }

  // Opened for an event that was then refused: its age begins with the first record it gets.
  #openAgain(frame: Frame): Frame {
    this.#forget(frame);
    frame.open(frame.template, this.#nowMs, this.#messageOctetsMax, this.#eventAgeMs);
    this.#note(frame);
    return frame;
  }

  /** It is open, and the youngest. */
  #note(frame: Frame): void {
    this.#open.set(frame.template.id, frame);
    this.#openCount += 1;
    this.#oldest ??= frame;
    this.#options.ledger.opened(frame);
  }

  #forget(frame: Frame): void {
    this.#open.set(frame.template.id, undefined);
    this.#openCount -= 1;
    if (frame !== this.#oldest) return;
    do this.#oldest = this.#oldest.younger;
    while (this.#oldest?.sealed);
  }

  #openOnes(): Frame[] {
    return [...this.#open.values()].filter((frame) => frame !== undefined);
  }

  #seal(frame: Frame): void {
    this.#forget(frame);
    frame.seal();
    if (frame.records > 0) {
      this.sealed.next(frame);
      return;
    }
    // No event of its Shape came that could be exported: an empty Set is never sent.
    this.#options.ledger.settle(frame);
    this.recycle(frame);
  }

  #armTimer(): void {
    if (!this.#stopTimer && this.#oldest) this.#startTimer(this.#oldest);
  }

  // Apart: a closure costs an object at each call, even where it is not reached.
  #startTimer({ openedAtMs }: Frame): void {
    const { clock, flushIntervalMs } = this.#options;
    const dueInMs = openedAtMs + flushIntervalMs - clock.monotonicMs();
    this.#stopTimer = clock.after(Math.max(0, Math.ceil(dueInMs)), () => {
      this.#stopTimer = undefined;
      this.#sealDue();
      this.#armTimer();
    });
  }

  #sealDue(): void {
    const { clock, flushIntervalMs } = this.#options;
    const openedBefore = clock.monotonicMs() - flushIntervalMs;
    while (this.#oldest && this.#oldest.openedAtMs <= openedBefore) this.#seal(this.#oldest);
  }

  /** No event comes any more: what is open leaves, and `sealed` completes. */
  end(): void {
    this.sealAll();
    this.close();
    this.sealed.complete();
  }

  /** No Frame leaves by timer after this. */
  close(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }
}
