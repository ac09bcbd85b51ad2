// The session in which a process sends its statistics: Observation Domain 0, with a socket and a
// Sequence Number of its own. What it says is asked for when it is said; it holds nobody up.

import type { Logger } from 'pino';
import { logEvent } from '../../log/log-events.ts';
import { ActiveTemplates } from '../templates/active-templates.ts';
import { OptionsExport } from './options-export.ts';
import { Sink, type SinkOptions } from '../sending/sink.ts';
import { type Figures, type StatisticsKind, statisticsRecords } from './statistics.ts';
import { TemplateIds } from '../templates/template-ids.ts';

/** RFC 7011 §3.1: that of what no single Observation Domain stands for. */
export const noDomain = 0;
/** A disk takes longer than a window; and a full one would take for ever. */
const fileEndMs = 5_000;

/** All that matters is committed by then, and SHUTDOWN_TIMEOUT is running. */
const datagramEndMs = 250;

interface StatisticsOptions extends Omit<
  SinkOptions,
  'observationDomainId' | 'templates' | 'rateLimit'
> {
  readonly kinds: readonly StatisticsKind[];
  readonly intervalMs: number;
  readonly exportingProcessId: number;
  /** The figures of the Worker that sends them. */
  readonly own: () => Figures;
  readonly log: Logger;
}

export class StatisticsSession {
  readonly #options: StatisticsOptions;
  readonly #sink: Sink;
  readonly #export: OptionsExport;
  /** The latest figures of each Observation Domain. */
  readonly #others = new Map<number, Figures>();
  readonly #ended = Promise.withResolvers<undefined>();

  constructor(options: StatisticsOptions) {
    this.#options = options;
    const ids = new TemplateIds([]);
    const copies = options.sender.keepsTemplates && { copies: 1 };
    const templates = new ActiveTemplates({ templatesMax: 1, known: [], ...copies });
    this.#sink = new Sink({ ...options, templates, observationDomainId: noDomain });
    this.#export = new OptionsExport({
      ...options,
      ids,
      templates,
      records: () => this.#records(),
      transmit: (frame) => this.#sink.transmit(frame),
    });
    this.#sink.onLowered = (octetsMax) => this.#export.lower(octetsMax);
    this.#sink.settled.subscribe({
      next: (frame) => this.#export.settle(frame),
      complete: () => this.#ended.resolve(undefined),
      error: (error: unknown) => {
        logEvent(options.log, 'STATISTICS_STOPPED', { err: error });
        this.close();
      },
    });
  }

  async start(): Promise<void> {
    await this.#sink.start();
    this.#export.start();
  }

  /** Another Worker of the process reported its figures. */
  note(figures: Figures): void {
    this.#others.set(figures.observationDomainId, figures);
  }

  /** Tells the figures once more. They leave at once or not at all: the end does not wait for them. */
  async end(): Promise<void> {
    const { clock, sender } = this.#options;
    this.#export.stop();
    this.#export.send();
    this.#sink.end();
    const endMs = sender.keepsTemplates ? fileEndMs : datagramEndMs;
    const callOff = clock.after(endMs, () => this.#ended.resolve(undefined));
    await this.#ended.promise;
    callOff();
    this.close();
  }

  close(): void {
    this.#export.stop();
    this.#sink.close();
    this.#ended.resolve(undefined);
  }

  #records() {
    const { kinds, own, exportingProcessId } = this.#options;
    const workers = [own(), ...this.#others.values()];
    workers.sort((a, b) => a.observationDomainId - b.observationDomainId);
    return statisticsRecords(kinds, workers, exportingProcessId);
  }
}
