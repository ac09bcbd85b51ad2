// The open Frames of one Worker, one for each Template, and the reasons for which they are sealed:
// the next Data Record would pass the path MTU, the first one is FLUSH_INTERVAL old, or pressure.

import { Subject } from 'rxjs';
import type { Template } from '../ipfix/template.ts';
import type { ActiveTemplates } from './active-templates.ts';
import type { Clock } from './clock.ts';
import { Frame, recordRoom } from './frame.ts';
import type { Ledger } from './ledger.ts';

export interface FramesOptions {
  /** At the start, and what each buffer has. */
  readonly messageOctetsMax: number;
  readonly flushIntervalMs: number;
  readonly clock: Clock;
  readonly ledger: Ledger;
  readonly templates: ActiveTemplates;
}

export class Frames {
  /** How old what is being painted was when its Delivery came, by its Kafka timestamp. */
  eventAgeMs = NaN;
  /** Each sealed Frame, in the order of sealing. */
  readonly sealed = new Subject<Frame>();
  readonly #options: FramesOptions;
  /** By Template ID; in the order of opening, because a Frame is removed when it is sealed. */
  readonly #open = new Map<number, Frame>();
  readonly #free: Frame[] = [];
  #messageOctetsMax: number;
  #stopTimer: (() => void) | undefined;

  constructor(options: FramesOptions) {
    this.#options = options;
    this.#messageOctetsMax = options.messageOctetsMax;
  }

  /** The longest Data Record that a Message can carry, in octets. */
  get recordOctetsMax(): number {
    return recordRoom(this.#messageOctetsMax);
  }

  /** Messages have to be shorter from now on. */
  lower(messageOctetsMax: number): void {
    this.#messageOctetsMax = messageOctetsMax;
    for (const frame of this.#open.values()) frame.shorten(messageOctetsMax);
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
    for (const oldest of this.#open.values()) {
      const crowded = this.#open.size * 2 >= ledger.framesMax;
      if (!crowded && ledger.oldestUnderPressure !== oldest) return;
      this.#seal(oldest);
    }
  }

  sealAll(): void {
    for (const frame of [...this.#open.values()]) this.#seal(frame);
  }

  /** Takes a settled Frame back: its buffer is painted again. */
  recycle(frame: Frame): void {
    this.#free.push(frame);
  }

  #openNew(template: Template): Frame {
    const { clock, ledger, templates, messageOctetsMax } = this.#options;
    const retired = templates.use(template);
    if (retired) {
      const held = this.#open.get(retired.id);
      if (held) this.#seal(held);
    }
    const frame = this.#free.pop() ?? new Frame(messageOctetsMax, template);
    const nowMs = clock.monotonicMs();
    frame.open(template, nowMs, this.#messageOctetsMax, this.eventAgeMs);
    this.#open.set(template.id, frame);
    ledger.opened(frame);
    this.#armTimer();
    return frame;
  }

  // Opened for an event that was then refused: its age begins with the first record it gets.
  #openAgain(frame: Frame): Frame {
    this.#open.delete(frame.template.id);
    const nowMs = this.#options.clock.monotonicMs();
    frame.open(frame.template, nowMs, this.#messageOctetsMax, this.eventAgeMs);
    this.#open.set(frame.template.id, frame);
    this.#options.ledger.opened(frame);
    return frame;
  }

  #seal(frame: Frame): void {
    this.#open.delete(frame.template.id);
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
    if (this.#stopTimer || this.#open.size === 0) return;
    const { clock, flushIntervalMs } = this.#options;
    const [oldest] = this.#open.values();
    const dueInMs = oldest!.openedAtMs + flushIntervalMs - clock.monotonicMs();
    this.#stopTimer = clock.after(Math.max(0, Math.ceil(dueInMs)), () => {
      this.#stopTimer = undefined;
      this.#sealDue();
      this.#armTimer();
    });
  }

  #sealDue(): void {
    const { clock, flushIntervalMs } = this.#options;
    const openedBefore = clock.monotonicMs() - flushIntervalMs;
    for (const frame of [...this.#open.values()]) {
      if (frame.openedAtMs > openedBefore) return;
      this.#seal(frame);
    }
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
