// A Sink with a scripted sender and a manual clock, and what a collector sees of it.

import pino from 'pino';
import { elementByName } from '../../../src/ipfix/information-element.ts';
import type { Template } from '../../../src/ipfix/template.ts';
import { ActiveTemplates } from '../../../src/pipeline/templates/active-templates.ts';
import type { Clock } from '../../../src/clock.ts';
import { Frame } from '../../../src/pipeline/frames/frame.ts';
import { roomAlone } from '../../../src/pipeline/frames/frame-room.ts';
import { Sink, type SinkOptions } from '../../../src/pipeline/sending/sink.ts';
import { ManualClock, turn } from './manual-clock.ts';
import { type Handed, ScriptedSender } from './scripted-sender.ts';

export const silent = pino({ level: 'silent' });

const recordOctets = 8;
const fields = [{ element: elementByName('flowId')!, length: recordOctets }];
const templateOf = (id: number): Template => ({ id, fields });

/** The Template of every frame that names no other; the only one known at the start. */
export const known = templateOf(256);
export const metLater = templateOf(300);

export interface SeenMessage {
  /** "templates" or "data". */
  readonly kind: 'templates' | 'data';
  /** Template IDs told, or that of the Data Set. */
  readonly ids: readonly number[];
  readonly sequenceNumber: number;
  readonly exportTimeS: number;
  readonly observationDomainId: number;
  readonly records: number;
  /** The number that the test gave to the Frame; -1 for Templates. */
  readonly frame: number;
  readonly atMs: number;
}

export function seen({ octets, atMs }: Handed): SeenMessage {
  const setId = octets.readUInt16BE(16);
  const isTemplates = setId === 2;
  const body = octets.subarray(20);
  const size = isTemplates ? 8 : recordOctets;
  const parts = Array.from({ length: body.length / size }, (_, i) => body.subarray(i * size));
  return {
    kind: isTemplates ? 'templates' : 'data',
    ids: isTemplates ? parts.map((part) => part.readUInt16BE(0)) : [setId],
    sequenceNumber: octets.readUInt32BE(8),
    exportTimeS: octets.readUInt32BE(4),
    observationDomainId: octets.readUInt32BE(12),
    records: isTemplates ? 0 : parts.length,
    frame: isTemplates ? -1 : body.readUInt32BE(4),
    atMs,
  };
}

export class ScriptedSession {
  /** What fills the records of all its Frames. */
  static readonly element = fields[0]!.element;
  readonly clock: ManualClock;
  readonly sender: ScriptedSender;
  readonly templates: ActiveTemplates;
  readonly sink: Sink;
  /** Numbers of the Frames that settled, and when. */
  readonly settled: { readonly frame: number; readonly atMs: number }[] = [];
  isCompleted = false;
  error: unknown;
  readonly #numbers = new Map<Frame, number>();

  /** With a `sender` of another kind nothing comes to the scripted one. */
  constructor(options: Partial<SinkOptions> & { clock?: ManualClock; realClock?: Clock } = {}) {
    this.clock = options.clock ?? new ManualClock();
    this.sender = new ScriptedSender(this.clock);
    this.templates = new ActiveTemplates({
      templatesMax: 64,
      known: [known],
      ...(options.sender?.keepsTemplates && { copies: 1 }),
    });
    this.sink = new Sink({
      sender: this.sender,
      clock: this.clock,
      templates: this.templates,
      observationDomainId: 257,
      messageOctetsMax: 1472,
      confirmWindowMs: 100,
      templateRefreshIntervalMs: 60_000,
      templateRefreshMessages: 4096,
      log: silent,
      ...options,
      // With real sockets the system's time counts.
      ...(options.realClock && { clock: options.realClock }),
    });
    this.sink.settled.subscribe({
      next: (frame) =>
        this.settled.push({ frame: this.#numbers.get(frame)!, atMs: this.clock.nowMs }),
      complete: () => (this.isCompleted = true),
      error: (error: unknown) => (this.error = error),
    });
  }

  /** The next Frame, numbered from 0, with so many records. */
  transmit(records = 1, template = known): Frame {
    const number = this.#numbers.size;
    const frame = new Frame(roomAlone(1472), template);
    frame.open(template, this.clock.nowMs);
    for (let i = 0; i < records; i += 1) {
      frame.buffer.writeUInt32BE(number, frame.at + 4);
      frame.at += recordOctets;
    }
    frame.records = records;
    frame.seal();
    this.templates.use(template);
    this.#numbers.set(frame, number);
    this.sink.transmit(frame);
    return frame;
  }

  async start(): Promise<this> {
    await this.sink.start();
    await turn();
    return this;
  }

  /** All that the kernel took, in order. */
  get messages(): SeenMessage[] {
    return this.sender.taken.map(seen);
  }

  get data(): SeenMessage[] {
    return this.messages.filter(({ kind }) => kind === 'data');
  }

  /** `T` and the Sequence Number of Template Messages, the Frame's number of others. */
  get trace(): string {
    return this.messages
      .map(({ kind, frame, sequenceNumber }) =>
        kind === 'templates' ? `T${sequenceNumber}` : String(frame),
      )
      .join(' ');
  }

  get settledFrames(): number[] {
    return this.settled.map(({ frame }) => frame);
  }
}
