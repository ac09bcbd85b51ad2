// A Worker: one member of the consumer group with its own Painter, Frames, Sink and Ledger, and so
// one Observation Domain. It shares nothing with other Workers but configuration.

import type { Logger } from 'pino';
import type { Delivery, Intake } from '../sources/delivery.ts';
import { ActiveTemplates } from './active-templates.ts';
import type { Clock } from './clock.ts';
import type { Frame, Progress } from './frame.ts';
import { Frames } from './frames.ts';
import { Ledger } from './ledger.ts';
import type { Mapping } from './mapping.ts';
import { BadEventError, byValuePainter, type Painter } from './painter.ts';
import type { Sender } from './sender.ts';
import { Shapes } from './shapes.ts';
import { Sink, type SinkOptions } from './sink.ts';

/** What happens to an event that cannot be exported. */
export type OnBadEvent = 'stop' | 'discard';

type SinkSettings = Omit<SinkOptions, 'clock' | 'templates' | 'log' | 'sender'>;

export interface WorkerOptions extends SinkSettings {
  readonly writerSchema: unknown;
  readonly mapping: Mapping;
  readonly flushIntervalMs: number;
  readonly inFlightOctets: number;
  /** Infinity where nothing but the octets bounds what is in flight. */
  readonly inFlightEvents: number;
  readonly templatesMax: number;
  readonly onBadEvent: OnBadEvent;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly log: Logger;
}

/** A bad event met with ON_BAD_EVENT=stop: names where it is and what to do next. */
export class StoppedAtBadEventError extends Error {
  readonly code = 'STOPPED_AT_BAD_EVENT';
  override readonly name = 'StoppedAtBadEventError';
}

export class Worker {
  readonly ledger: Ledger;
  readonly frames: Frames;
  readonly sink: Sink;
  readonly painter: Painter;
  /** The bad event at which this Worker came to its end. */
  stoppedBy: StoppedAtBadEventError | undefined;
  readonly #options: WorkerOptions;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { messageOctetsMax, inFlightOctets, mapping } = options;
    const shapes = new Shapes(mapping);
    const known = shapes.known.map(({ template }) => template);
    const templates = new ActiveTemplates({ templatesMax: options.templatesMax, known });
    this.ledger = new Ledger({
      framesMax: Math.floor(inFlightOctets / messageOctetsMax),
      eventsMax: options.inFlightEvents,
    });
    this.frames = new Frames({ ...options, ledger: this.ledger, templates });
    this.sink = new Sink({ ...options, templates });
    this.painter = byValuePainter({ ...options, shapes, frames: this.frames });
  }

  /** What the source asks of this Worker. */
  get intake(): Intake {
    const { ledger, frames } = this;
    return {
      track: (delivery) => ledger.track(delivery),
      room: () => ledger.room(),
      nextOffset: (origin) => ledger.nextOffset(origin),
      drop: (origin) => ledger.drop(origin),
      committable: () => ledger.committable(),
      drain: () => {
        frames.sealAll();
        return ledger.empty();
      },
    };
  }

  /**
   * Paints the events of a Delivery. False where a bad event ends the work (`stoppedBy`): what lies
   * below it still leaves and is committed, so that a restart repeats nothing.
   */
  paint(delivery: Delivery): boolean {
    const progress = this.ledger.progressOf(delivery.origin);
    for (let i = 0; i < delivery.count && !this.stoppedBy; i += 1) {
      this.#paintEvent(delivery, i, progress);
    }
    if (!this.stoppedBy) this.ledger.painted(progress, delivery.nextOffset);
    this.frames.relieve();
    return this.stoppedBy === undefined;
  }

  /** The Frame's Message left and was not refused. */
  settle(frame: Frame): void {
    this.ledger.settle(frame);
    this.frames.recycle(frame);
    this.frames.relieve();
  }

  #paintEvent(delivery: Delivery, i: number, progress: Progress): void {
    const start = delivery.starts[i]!;
    if (start < 0) {
      this.ledger.discard(progress, 'tombstone');
      return;
    }
    try {
      const frame = this.painter.paint(delivery.bytes, start, delivery.ends[i]!);
      frame.claim(progress, delivery.offsets[i]!);
    } catch (error) {
      if (!(error instanceof BadEventError)) throw error;
      this.#badEvent(error, delivery, i, progress);
    }
  }

  #badEvent(error: BadEventError, delivery: Delivery, i: number, progress: Progress): void {
    const { topic, partition } = delivery.origin;
    const where = `${topic}[${partition}] offset ${delivery.offsets[i]!}`;
    if (this.#options.onBadEvent === 'stop') {
      this.ledger.painted(progress, delivery.offsets[i]!);
      this.ledger.giveBack(progress, delivery.count - i);
      this.stoppedBy = new StoppedAtBadEventError(
        `${where}: ${error.message}; it is not committed, nor anything above it in its partition. ` +
          'Mend the mapping or the producer, or set ON_BAD_EVENT=discard to count such events',
        { cause: error },
      );
      return;
    }
    this.ledger.discard(progress, 'bad event');
    this.#options.log.warn({ topic, partition, offset: delivery.offsets[i] }, error.message);
  }

  /** Stops at once, without settling anything. */
  close(): void {
    this.frames.close();
    this.sink.close();
  }
}
