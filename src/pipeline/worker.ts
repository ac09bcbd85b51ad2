// A Worker: one member of the consumer group with its own Painter, Frames, Sink and Ledger, and so
// one Observation Domain. It shares nothing with other Workers but configuration.

import type { Logger } from 'pino';
import { logEvent } from '../log/log-events.ts';
import type { DeadLetters } from '../sources/dead-letter.ts';
import type { Delivery, Intake, WriterSchema } from '../sources/delivery.ts';
import { ActiveTemplates } from './templates/active-templates.ts';
import type { Clock } from '../clock.ts';
import { discardReasons } from './frames/discard-reasons.ts';
import type { Frame, Progress } from './frames/frame.ts';
import { Frames } from './frames/frames.ts';
import { Ledger } from './frames/ledger.ts';
import { BadEventError, badValue, type Place } from './bad-events/bad-event.ts';
import { BadEvents, type OnBadEvent, StoppedAtBadEventError } from './bad-events/bad-events.ts';
import { type DomainOptions, domainRecords } from './options/domain-options.ts';
import { type TopicBindings, UnmappableSchemaError } from './mapping/bindings.ts';
import type { Mapping } from './mapping/mapping.ts';
import { OptionsExport } from './options/options-export.ts';
import type { Painter, PainterOptions } from './painting/painter.ts';
import { RequeuedEvents } from './bad-events/requeued-events.ts';
import type { Sender } from './sending/sender.ts';
import type { PipelineSnapshot } from './pipeline-snapshot.ts';
import { likelyLayouts, Shapes } from './templates/shapes.ts';
import { Sink, type SinkOptions } from './sending/sink.ts';
import { type Figures, NotSent } from './options/statistics.ts';
import { TemplateIds } from './templates/template-ids.ts';

type SinkSettings = Omit<SinkOptions, 'clock' | 'templates' | 'log' | 'sender'>;

export interface WorkerOptions extends SinkSettings {
  readonly bindingsOf: (topic: string) => TopicBindings;
  /** The mappings known before any event: their are sent at the start. */
  readonly known: readonly Mapping[];
  readonly flushIntervalMs: number;
  readonly inFlightBytes: number;
  /** Infinity where nothing but the octets bounds what is in flight. */
  readonly inFlightEvents: number;
  readonly templatesMax: number;
  readonly onBadEvent: OnBadEvent;
  readonly painterFor: (options: PainterOptions) => Painter;
  readonly deadLetters?: DeadLetters | undefined;
  readonly domainOptions: DomainOptions;
  readonly optionsRefreshIntervalMs: number;
  readonly sender: Sender;
  readonly clock: Clock;
  readonly log: Logger;
}

/** The id of a retired Template gets no other meaning for this many refreshes, and for at least this long. */
const restRefreshes = 3;
const restMinMs = 10_000;

export class Worker {
  readonly ledger: Ledger;
  readonly frames: Frames;
  readonly sink: Sink;
  /** The bad event at which this Worker came to its end. */
  stoppedBy: StoppedAtBadEventError | undefined;
  readonly #options: WorkerOptions;
  readonly #ids: TemplateIds;
  readonly #optionsExport: OptionsExport;
  readonly #notSent: NotSent;
  readonly #badEvents: BadEvents;
  readonly #requeued = new RequeuedEvents();
  #receivedOctets = 0;
  /** The Painters by topic. Weak, because a topic of container files can bring schemas without end. */
  readonly #painters = new Map<string, WeakMap<WriterSchema, Painter>>();
  /** What was asked for last: as a rule it is asked for again. */
  #painter: Painter | undefined;
  #paintedTopic = '';
  #paintedSchema: WriterSchema | undefined;

  constructor(options: WorkerOptions) {
    this.#options = options;
    const { messageOctetsMax, inFlightBytes, clock } = options;
    const records = options.known.flatMap(({ forward, reverse }) =>
      reverse ? [forward, reverse.fields] : [forward],
    );
    this.#ids = new TemplateIds(
      records.flatMap((fields) => [...likelyLayouts(fields)]),
      {
        restMs: Math.max(restRefreshes * options.templateRefreshIntervalMs, restMinMs),
        nowMs: () => clock.monotonicMs(),
      },
    );
    const known = records.flatMap((fields) => new Shapes(fields, this.#ids).known);
    const templates = new ActiveTemplates({
      templatesMax: options.templatesMax,
      known: known.map(({ template }) => template),
      ids: this.#ids,
      ...(options.sender.keepsTemplates && { copies: 1 }),
    });
    this.ledger = new Ledger({
      framesMax: Math.floor(inFlightBytes / messageOctetsMax),
      frameOctets: messageOctetsMax,
      eventsMax: options.inFlightEvents,
    });
    this.frames = new Frames({ ...options, ledger: this.ledger, templates });
    this.sink = new Sink({ ...options, templates });
    this.#badEvents = new BadEvents({ ...options, ledger: this.ledger });
    this.#notSent = new NotSent(this.ledger.account, () => clock.exportTimeS());
    this.#optionsExport = new OptionsExport({
      clock,
      messageOctetsMax,
      templates,
      ids: this.#ids,
      intervalMs: options.optionsRefreshIntervalMs,
      records: () => domainRecords(options.domainOptions, templates.all()),
      transmit: (frame) => this.sink.transmit(frame),
    });
    this.sink.onBegun = () => this.#optionsExport.again();
    this.sink.onLowered = (octetsMax) => {
      this.frames.lower(octetsMax);
      this.#optionsExport.lower(octetsMax);
    };
    this.sink.onUnsendable = (frame, records) => this.#unsendable(frame, records);
  }

  /** Begins to send: Templates, and Options Records. Rejects as the Sink does. */
  async start(): Promise<void> {
    await this.sink.start();
    this.#optionsExport.start();
  }

  /** What this Worker did so far, for the process's statistics. */
  get figures(): Figures {
    const { messages, records, octets } = this.sink.counts;
    return {
      observationDomainId: this.#options.observationDomainId,
      messages,
      flowRecords: records,
      octets,
      ...this.#notSent.tallies,
    };
  }

  /** Everything that is reported of this Worker, as of this turn of the event loop. */
  get snapshot(): PipelineSnapshot {
    return {
      observationDomainId: this.#options.observationDomainId,
      account: this.ledger.account,
      losses: this.ledger.losses.seen,
      badEvents: this.#badEvents.recent.list,
      receivedOctets: this.#receivedOctets,
      ...this.sink.seen,
    };
  }

  /** All that is painted leaves now, without waiting for its Messages to fill. */
  flush(): void {
    this.frames.sealAll();
  }

  /** What the source asks of this Worker. */
  get intake(): Intake {
    const { ledger, frames } = this;
    return {
      track: (delivery) => ledger.track(delivery),
      room: () => ledger.room(),
      nextOffset: (origin) => ledger.nextOffset(origin),
      drop: (origin) => ledger.drop(origin),
      retire: (origin) => ledger.retire(origin),
      committable: () => ledger.committable(),
      removed: (records) => ledger.removed(records),
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
    const firstAtMs = delivery.metadata?.timestampMs(0) ?? NaN;
    this.frames.begin(this.#options.clock.wallMs() - firstAtMs);
    this.#receivedOctets += octetsOf(delivery);
    this.#requeued.begin(delivery);
    for (let i = 0; i < delivery.count && !this.stoppedBy;) {
      i = this.#paintMany(delivery, i, progress);
    }
    this.#badEvents.endMessage();
    if (!this.stoppedBy) this.ledger.painted(progress, delivery.nextOffset);
    this.frames.relieve();
    this.#notSent.look();
    return this.stoppedBy === undefined;
  }

  /** No Delivery comes any more: all that is painted leaves. */
  end(): void {
    this.#optionsExport.stop();
    this.frames.end();
  }

  /** The Frame's Message left and was not refused. */
  settle(frame: Frame): void {
    if (this.#optionsExport.settle(frame)) return;
    this.ledger.settle(frame);
    this.frames.recycle(frame);
    this.frames.relieve();
  }

  /** Paints from datum i on, at least that one, and returns the first that is not. */
  #paintMany(delivery: Delivery, i: number, progress: Progress): number {
    let painter: Painter | undefined;
    if (this.#requeued.passesOver(delivery, i))
      this.ledger.discard(progress, discardReasons.exportedBefore);
    else if (delivery.starts[i]! < 0) this.#unpainted(delivery, i, progress);
    else painter = this.#painterFor(delivery, i, progress);
    if (!painter) return i + 1;
    if (!this.#requeued.isGrouped) {
      const next = painter.paintMany(delivery, i, progress, this.ledger);
      if (next > i) return next;
    }
    this.#paintDatum(painter, delivery, i, progress);
    return i + 1;
  }

  #unpainted(delivery: Delivery, i: number, progress: Progress): void {
    const unreadable = delivery.unreadable?.get(i);
    if (unreadable) this.#badEvent(badValue(unreadable), { delivery, i, left: 1 }, progress);
    else this.ledger.discard(progress, discardReasons.tombstone);
  }

  #paintDatum(painter: Painter, delivery: Delivery, i: number, progress: Progress): void {
    let events: number;
    try {
      events = painter.begin(delivery, i);
    } catch (error) {
      this.#badEvent(error, { delivery, i, left: 1 }, progress);
      return;
    }
    if (events === 0) this.ledger.discard(progress, discardReasons.noEvents);
    if (events > 1) this.ledger.found(progress, events - 1);
    const wanted = events > 1 ? this.#requeued.among(delivery, i) : undefined;
    for (let event = 0; event < events && !this.stoppedBy; event += 1) {
      try {
        const passesOver = wanted !== undefined && !wanted.has(event);
        if (passesOver) painter.passOver();
        const dropped = passesOver ? discardReasons.exportedBefore : painter.paint(progress);
        if (dropped !== undefined) this.ledger.discard(progress, dropped);
      } catch (error) {
        const place = { delivery, i, left: events - event };
        this.#badEvent(error, events > 1 ? { ...place, event } : place, progress);
      }
    }
  }

  /** Undefined where the schema cannot be mapped: then it is a bad event. */
  #painterFor(delivery: Delivery, i: number, progress: Progress): Painter | undefined {
    try {
      return this.#painterOf(delivery, i);
    } catch (error) {
      this.#badEvent(error, { delivery, i, left: 1 }, progress);
      return undefined;
    }
  }

  /** Throws UnmappableSchemaError. */
  #painterOf(delivery: Delivery, i: number): Painter {
    const { topic } = delivery.origin;
    const schema = delivery.schemas[delivery.schemaOf?.[i] ?? 0]!;
    if (this.#painter && this.#paintedSchema === schema && this.#paintedTopic === topic) {
      return this.#painter;
    }
    let ofTopic = this.#painters.get(topic);
    if (!ofTopic) this.#painters.set(topic, (ofTopic = new WeakMap<WriterSchema, Painter>()));
    let painter = ofTopic.get(schema);
    if (!painter) {
      const binding = this.#options.bindingsOf(topic).of(schema);
      painter = this.#options.painterFor({ binding, ids: this.#ids, frames: this.frames });
      ofTopic.set(schema, painter);
    }
    this.#paintedTopic = topic;
    this.#paintedSchema = schema;
    return (this.#painter = painter);
  }

  #badEvent(error: unknown, place: Place, progress: Progress): void {
    if (!(error instanceof BadEventError || error instanceof UnmappableSchemaError)) throw error;
    this.stoppedBy = this.#badEvents.met(error, place, progress);
  }

  // Painted when the path still took it. Which of the Frame's events it was is not known any more, but
  // what is not settled is read again, and is then a bad event like others.
  #unsendable(frame: Frame, records: number): void {
    const { onBadEvent, log } = this.#options;
    const from = frame.claims.map(({ progress: { origin }, lowestOffset }) => {
      return `${origin.topic}[${origin.partition}] from offset ${lowestOffset} on`;
    });
    const problem =
      `${records} Data Records are longer than the Messages that the path to the collector takes now` +
      (from.length > 0 ? ` (${from.join(', ')})` : '');
    if (onBadEvent === 'stop') {
      throw new StoppedAtBadEventError(
        `${problem}; nothing of this is committed. Raise the MTU of the path or map fewer fields, or ` +
          'set ON_BAD_EVENT=discard to count such events',
      );
    }
    frame.unsendable += records;
    logEvent(log, 'RECORDS_UNSENDABLE', { records, claims: from });
  }

  /** Stops at once, without settling anything. */
  close(): void {
    this.frames.close();
    this.#optionsExport.stop();
    this.#badEvents.close();
    this.sink.close();
  }
}

/** The octets of all datums; what holds none begins and ends at the same place. */
function octetsOf({ count, starts, ends }: Delivery): number {
  let octets = 0;
  for (let i = 0; i < count; i += 1) octets += ends[i]! - starts[i]!;
  return octets;
}
