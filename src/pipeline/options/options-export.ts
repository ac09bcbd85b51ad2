// Sends Options Data Records at the start and then at an interval. They take the path of all Data
// Records, as sealed Frames through a Sink: so they are numbered, announced and sent again as others
// are. A Frame of theirs holds no event, and nothing waits for it.

import { encoderFor, variableOctets } from '../../ipfix/abstract-type.ts';
import { fixedOctets, type Template, variableLength } from '../../ipfix/template.ts';
import type { ActiveTemplates } from '../templates/active-templates.ts';
import type { Clock } from '../../clock.ts';
import { Frame } from '../frames/frame.ts';
import { roomAlone } from '../frames/frame-room.ts';
import type { OptionsRecords, OptionsRow } from './options-records.ts';
import type { TemplateIds } from '../templates/template-ids.ts';

interface OptionsExportOptions {
  readonly clock: Clock;
  readonly intervalMs: number;
  readonly messageOctetsMax: number;
  readonly ids: TemplateIds;
  readonly templates: ActiveTemplates;
  /** What is to be said now. */
  readonly records: () => readonly OptionsRecords[];
  readonly transmit: (frame: Frame) => void;
}

export class OptionsExport {
  readonly #options: OptionsExportOptions;
  /** Handed on and not settled. */
  readonly #underWay = new Set<Frame>();
  #messageOctetsMax: number;
  #stopTimer: (() => void) | undefined;

  constructor(options: OptionsExportOptions) {
    this.#options = options;
    this.#messageOctetsMax = options.messageOctetsMax;
  }

  /** Messages have to be shorter from now on. */
  lower(messageOctetsMax: number): void {
    this.#messageOctetsMax = messageOctetsMax;
  }

  /** Sends, and again at each interval until `stop`. */
  start(): void {
    const { clock, intervalMs } = this.#options;
    // While the last ones wait for a collector that is away, newer ones would only pile up.
    if (this.#underWay.size === 0) this.send();
    this.#stopTimer = clock.after(intervalMs, () => this.start());
  }

  /** In a new session nothing of this was said yet. */
  again(): void {
    if (this.#underWay.size === 0 && this.#stopTimer) this.send();
  }

  stop(): void {
    this.#stopTimer?.();
    this.#stopTimer = undefined;
  }

  send(): void {
    const { ids, templates, records, transmit } = this.#options;
    for (const { layout, rows } of records()) {
      if (rows.length === 0) continue;
      const template = ids.optionsTemplateOf(layout.fields, layout.scopeFieldCount);
      templates.keep(template);
      for (const frame of this.#frames(template, rows)) {
        this.#underWay.add(frame);
        transmit(frame);
      }
    }
  }

  /** True where the Frame is one of these: then it is nobody else's. */
  settle(frame: Frame): boolean {
    return this.#underWay.delete(frame);
  }

  #frames(template: Template, rows: readonly OptionsRow[]): Frame[] {
    const frames: Frame[] = [];
    for (const row of rows) {
      const octets = octetsOf(template, row);
      let frame = frames.at(-1);
      if (!frame?.fits(octets)) frames.push((frame = this.#open(template)));
      if (!frame.fits(octets)) {
        const room = this.#messageOctetsMax;
        throw new Error(`an Options Data Record of ${octets} octets, in Messages of ${room}`);
      }
      paint(frame, row);
    }
    for (const frame of frames) frame.seal();
    return frames;
  }

  #open(template: Template): Frame {
    const frame = new Frame(roomAlone(this.#messageOctetsMax), template);
    frame.open(template, this.#options.clock.monotonicMs());
    return frame;
  }
}

function octetsOf({ fields }: Template, row: OptionsRow): number {
  return row.reduce<number>(
    (sum, value, i) => sum + (fields[i]!.length === variableLength ? variableOctets(value) - 1 : 0),
    fixedOctets(fields),
  );
}

function paint(frame: Frame, row: OptionsRow): void {
  frame.template.fields.forEach((field, i) => {
    frame.at = encoderFor(field)!(row[i], frame.buffer, frame.at);
  });
  frame.records += 1;
}
