// The by-value Painter: avsc decodes the event, then each field is written by its Information
// Element's abstract type. Slow and obvious; it handles every schema and is the oracle for others.

import avro from 'avsc';
import { EncodeError, variableOctets } from '../ipfix/abstract-type.ts';
import type { Frame } from './frame.ts';
import type { Frames } from './frames.ts';
import type { MappedField, Mapping } from './mapping.ts';
import type { Choice, Shape, Shapes } from './shapes.ts';

/** An event that cannot be exported. `path` is the field, or empty for the event as a whole. */
export class BadEventError extends Error {
  readonly code = 'BAD_EVENT';
  override readonly name = 'BadEventError';
  readonly path: string;

  constructor(path: string, problem: string, options?: ErrorOptions) {
    super(path === '' ? problem : `in ${path}: ${problem}`, options);
    this.path = path;
  }
}

/** Writes one event's Data Record into a Frame. Made once for each (writer schema, mapping). */
export interface Painter {
  /**
   * Paints the event that is `bytes[start]` up to, not including, `bytes[end]`, and returns the
   * Frame it is in. Throws BadEventError, and then nothing was painted.
   */
  paint(bytes: Buffer, start: number, end: number): Frame;
}

export interface PainterOptions {
  /** The schema that the events were written with, parsed. */
  readonly writerSchema: unknown;
  readonly mapping: Mapping;
  readonly shapes: Shapes;
  readonly frames: Frames;
}

interface Decoded {
  readonly value: unknown;
  readonly offset: number;
}

export function byValuePainter(options: PainterOptions): Painter {
  const { mapping, shapes, frames } = options;
  const type = avro.Type.forSchema(options.writerSchema as avro.Schema);
  meetEveryKind(type);
  const { fields } = mapping;
  // Used again for every event: what they hold of the last one is overwritten, never read.
  const values = new Array<unknown>(fields.length);
  const choices = new Array<Choice>(shapes.branches.length);

  function decode(bytes: Buffer, start: number, end: number): void {
    let event: unknown;
    let after: number;
    try {
      const decoded: Decoded = type.decode(bytes, start);
      event = decoded.value;
      after = decoded.offset;
    } catch (error) {
      throw new BadEventError('', `not a datum of the schema: ${(error as Error).message}`, {
        cause: error,
      });
    }
    // avsc says -1 where the bytes end too early; bytes of the next event are not this one's.
    if (after < 0 || after > end) throw new BadEventError('', 'the datum is cut short');
    if (after < end) {
      throw new BadEventError('', `${end - after} octets are left over after the datum`);
    }
    for (let i = 0; i < fields.length; i += 1) values[i] = fields[i]!.read(event);
  }

  function shapeOf(): Shape {
    const version = flowVersion();
    for (let i = 0; i < choices.length; i += 1) {
      const { index, field } = shapes.branches[i]!;
      const value = values[index];
      if (value === null && field.omitNull) choices[i] = 0;
      else if (field.choice === 'value') choices[i] = addressVersion(field, value);
      else if (field.choice === 'flow') choices[i] = versionFor(field, version);
      else choices[i] = 1;
    }
    return shapes.of(choices);
  }

  function versionFor(field: MappedField, version: Choice): Choice {
    if (version !== 0) return version;
    throw new BadEventError(
      field.path,
      `${field.elementName} needs the flow's address, it is null`,
    );
  }

  function flowVersion(): Choice {
    let version: Choice = 0;
    for (let i = 0; i < fields.length; i += 1) {
      const field = fields[i]!;
      if (!field.isFlowAddress || values[i] === null) continue;
      const own = addressVersion(field, values[i]);
      if (version !== 0 && own !== version) {
        throw new BadEventError(field.path, 'the source and destination differ in IP version');
      }
      version = own;
    }
    return version;
  }

  function recordOctets(shape: Shape): number {
    let octets = shape.fixedOctets;
    for (const index of shape.variable) octets += variableOctets(valueAt(index)) - 1;
    if (octets > frames.recordOctetsMax) {
      throw new BadEventError(
        '',
        `its Data Record of ${octets} octets is longer than a Message holds ` +
          `(${frames.recordOctetsMax}); raise PATH_MTU or map fewer fields`,
      );
    }
    return octets;
  }

  const valueAt = (index: number) => values[index] ?? fields[index]!.nullValue;

  return {
    paint(bytes, start, end) {
      decode(bytes, start, end);
      const shape = shapeOf();
      const frame = frames.openFor(shape.template, recordOctets(shape));
      let at = frame.length;
      for (let i = 0; i < shape.present.length; i += 1) {
        const index = shape.present[i]!;
        try {
          at = shape.encoders[i]!(valueAt(index), frame.buffer, at);
        } catch (error) {
          if (!(error instanceof EncodeError)) throw error;
          const { path } = fields[index]!;
          const { name } = shape.template.fields[i]!.element;
          throw new BadEventError(path, `${name}: ${error.message}`, { cause: error });
        }
      }
      // Only now: a value refused half way leaves no part of its record behind.
      frame.length = at;
      frame.records += 1;
      return frame;
    },
  };
}

const kindsMet = 100;

/**
 * V8 compiles for the kinds of values it has met. A few of every kind at the start spare a fall
 * back, at full load, when the first rare one comes.
 */
function meetEveryKind(type: avro.Type): void {
  try {
    for (let i = 0; i < kindsMet; i += 1) type.decode(type.toBuffer(type.random()), 0);
  } catch {
    // avsc has no random value for some schemas, such as trees without end; those do without.
  }
}

function addressVersion(field: MappedField, value: unknown): Choice {
  if (value instanceof Uint8Array) {
    if (value.length === 4) return 1;
    if (value.length === 16) return 2;
    throw new BadEventError(field.path, `an address of ${value.length} octets; 4 or 16 are wanted`);
  }
  throw new BadEventError(field.path, 'an address in octets is wanted');
}
