// Paints one Data Record of an event: reads the mapped fields' values, finds the Shape they make, and
// writes each value by its Information Element's abstract type.

import { EncodeError } from '../../ipfix/abstract-type.ts';
import { BadEventError } from '../bad-events/bad-event.ts';
import type { Frame } from '../frames/frame.ts';
import type { Frames } from '../frames/frames.ts';
import { addressVersion } from '../mapping/conversion/address-octets.ts';
import type { EventValues, MappedField } from '../mapping/mapped-field.ts';
import type { Choice, Shape, Shapes } from '../templates/shapes.ts';

interface RecordPainterOptions {
  readonly fields: readonly MappedField[];
  readonly shapes: Shapes;
  readonly frames: Frames;
}

export class RecordPainter {
  readonly #fields: readonly MappedField[];
  readonly #shapes: Shapes;
  readonly #frames: Frames;
  // Used again for every event: what they hold of the last one is overwritten, never read.
  readonly #values: unknown[];
  readonly #choices: Choice[];
  #shape: Shape | undefined;
  #octets = 0;

  constructor({ fields, shapes, frames }: RecordPainterOptions) {
    this.#fields = fields;
    this.#shapes = shapes;
    this.#frames = frames;
    this.#values = new Array<unknown>(fields.length).fill(null);
    this.#choices = new Array<Choice>(shapes.branches.length).fill(0);
  }

  /** Reads an event's values; `paint` or `paintAside` writes them. Throws BadEventError. */
  read(event: EventValues): void {
    const fields = this.#fields;
    const values = this.#values;
    for (let i = 0; i < fields.length; i += 1) {
      const field = fields[i]!;
      try {
        values[i] = field.read(event);
      } catch (error) {
        if (!(error instanceof EncodeError)) throw error;
        throw new BadEventError(field.path, `${field.elementName}: ${error.message}`, {
          cause: error,
        });
      }
    }
    this.#shape = this.#shapeOf();
    this.#octets = this.#recordOctets(this.#shape);
  }

  /** Paints the record into the open Frame of its Template. Throws BadEventError: nothing was painted. */
  paint(): Frame {
    const frame = this.#frames.openFor(this.#shape!.template, this.#octets);
    // Only when all is written: a value refused half way leaves no part of its record behind.
    frame.at = this.#write(frame.buffer, frame.at);
    frame.records += 1;
    return frame;
  }

  /** Writes the record where no Frame is, and returns its octets. Throws BadEventError. */
  paintAside(target: Buffer): number {
    return this.#write(target, 0);
  }

  /** Paints a record that `paintAside` wrote. */
  paintFrom(source: Buffer): Frame {
    const frame = this.#frames.openFor(this.#shape!.template, this.#octets);
    source.copy(frame.buffer, frame.at, 0, this.#octets);
    frame.at += this.#octets;
    frame.records += 1;
    return frame;
  }

  #write(target: Buffer, start: number): number {
    const { present, elements } = this.#shape!;
    let at = start;
    for (let i = 0; i < present.length; i += 1) {
      try {
        at = elements[i]!.encode(this.#valueAt(present[i]!), target, at);
      } catch (error) {
        if (!(error instanceof EncodeError)) throw error;
        const { path, plain } = this.#fields[present[i]!]!;
        const { name, type } = elements[i]!.field.element;
        const isNegative = (this.#valueAt(present[i]!) as number) < 0;
        const hint =
          isNegative && type.startsWith('unsigned') && isWhole(plain?.type.kind)
            ? '; if it is an unsigned number, set "unsigned": true'
            : '';
        throw new BadEventError(path, `${name}: ${error.message}${hint}`, { cause: error });
      }
    }
    return at;
  }

  #valueAt(index: number): unknown {
    return this.#values[index] ?? this.#fields[index]!.nullValue;
  }

  #shapeOf(): Shape {
    const { branches } = this.#shapes;
    const choices = this.#choices;
    const version = this.#flowVersion();
    for (let i = 0; i < branches.length; i += 1) {
      const { index, field } = branches[i]!;
      const value = this.#values[index];
      if (value === null && field.omitNull) choices[i] = 0;
      else if (field.choice === 'value') choices[i] = versionOf(field, value ?? field.nullValue);
      else if (field.choice === 'flow') choices[i] = versionFor(field, version);
      else choices[i] = 1;
    }
    const shape = this.#shapes.of(choices);
    if (shape) return shape;
    const problem =
      'all of its mapped fields are null, and a record needs at least one; ' +
      'map another field, or drop such events with a "skip" rule';
    throw new BadEventError('', problem);
  }

  #flowVersion(): Choice {
    const fields = this.#fields;
    let version: Choice = 0;
    for (let i = 0; i < fields.length; i += 1) {
      const field = fields[i]!;
      if (field.flowVersion === undefined || this.#values[i] === null) continue;
      const own = field.flowVersion === 0 ? versionOf(field, this.#values[i]) : field.flowVersion;
      if (version !== 0 && own !== version) {
        throw new BadEventError(field.path, 'the source and destination differ in IP version');
      }
      version = own;
    }
    return version;
  }

  #recordOctets(shape: Shape): number {
    const { fixedOctets, variable, present, elements } = shape;
    let octets = fixedOctets;
    for (const i of variable) octets += this.#octetsOf(elements[i]!, present[i]!) - 1;
    const most = this.#frames.recordOctetsMax;
    if (octets > most) {
      throw new BadEventError(
        '',
        `its Data Record of ${octets} octets is longer than a Message can be (${most}); ` +
          'raise PATH_MTU or map fewer fields',
      );
    }
    return octets;
  }

  #octetsOf({ octetsOf }: Shape['elements'][number], index: number): number {
    try {
      return octetsOf(this.#valueAt(index));
    } catch (error) {
      if (!(error instanceof EncodeError)) throw error;
      throw new BadEventError(this.#fields[index]!.path, error.message, { cause: error });
    }
  }
}

const isWhole = (kind: string | undefined): boolean => kind === 'int' || kind === 'long';

function versionFor(field: MappedField, version: Choice): Choice {
  if (version !== 0) return version;
  throw new BadEventError(field.path, `${field.elementName} needs the flow's address, it is null`);
}

function versionOf(field: MappedField, value: unknown): Choice {
  const version = addressVersion(value);
  if (version !== 0) return version;
  const found = value instanceof Uint8Array ? `of ${value.length} octets` : 'without octets';
  throw new BadEventError(field.path, `an address ${found}; it must have 4 or 16`);
}
