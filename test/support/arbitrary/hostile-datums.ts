// Datums that were damaged on purpose, in frames that were damaged too: what becomes of each.

import { Random } from '../../../src/generator/random.ts';
import { BadEventError } from '../../../src/pipeline/bad-events/bad-event.ts';
import { bindingOf, UnmappableSchemaError } from '../../../src/pipeline/mapping/bindings.ts';
import { ActiveTemplates } from '../../../src/pipeline/templates/active-templates.ts';
import { Frames } from '../../../src/pipeline/frames/frames.ts';
import { Ledger } from '../../../src/pipeline/frames/ledger.ts';
import { byValuePainter, type Painter } from '../../../src/pipeline/painting/painter.ts';
import { TemplateIds } from '../../../src/pipeline/templates/template-ids.ts';
import { type FramingForm, framingForms } from '../../../src/framing.ts';
import type { Delivery, WriterSchema } from '../../../src/sources/delivery.ts';
import { Deliveries } from '../../../src/sources/datums/deliveries.ts';
import { SchemaStore } from '../../../src/sources/schemas/schema-store.ts';
import { Unframer } from '../../../src/sources/datums/unframe.ts';
import { fingerprint64 } from '../../../src/avro/fingerprint.ts';
import { fastavroVectors } from '../oracles/fastavro-vectors.ts';
import { confluent } from '../events/framed.ts';
import { recordSetOf } from '../kafka/any-record-batch.ts';
import { ManualClock } from '../fakes/manual-clock.ts';

export interface HostileCounts {
  records: number;
  skipped: number;
  /** Refused with a fault that says what is wrong. */
  faults: number;
}

const origin = { topic: 'hostile', partition: 0, generation: 1 };
const nestings = [0x00, 0x01, 0x02, 0x7f, 0x80, 0xfe, 0xff];

/** Paints `count` damaged messages; throws whatever is thrown that is no named fault. */
export function paintHostile(seed: number, count: number): HostileCounts {
  const random = new Random(seed);
  const counts = { records: 0, skipped: 0, faults: 0 };
  const frames = framesAlone();
  const deliveries = new Deliveries({ checkCrcs: true, batchOctetsMax: 2 ** 26 });
  const ids = new TemplateIds([]);
  const vectors = fastavroVectors().slice(0, 200);
  const schemas = vectors.map(({ schema }, i): WriterSchema => ({ name: `${i}`, json: schema }));
  const painters = new Map<WriterSchema, Painter>();
  const store = new SchemaStore({
    bare: new Map([['hostile', schemas[0]!]]),
    byFingerprint: new Map(schemas.map((schema) => [fingerprint64(schema.json), schema])),
    registry: {
      known: (id) => schemas[id] ?? { unknown: true, problem: `schema id ${id} is not known` },
      fetch: () => Promise.reject(new Error('never asked')),
      close: () => {},
    },
  });
  for (let done = 0; done < count; done += 1) {
    const number = random.integer(0, vectors.length - 1);
    const { schema, datums, fingerprint } = vectors[number]!;
    const datum = Buffer.from(datums[random.integer(0, datums.length - 1)]!.octets, 'base64');
    const form = framingForms[random.integer(0, framingForms.length - 1)]!;
    const base64 = random.chance(0.1);
    const framed = damaged(
      random,
      frame(form, damaged(random, datum), { number, fingerprint, schema }),
    );
    const value = base64 ? damaged(random, Buffer.from(framed.toString('base64'))) : framed;
    const framing = { form, base64 };
    const unframer = new Unframer({
      topic: 'hostile',
      framing,
      schemas: store,
      messageOctetsMax: 1e6,
    });
    const set = recordSetOf([{ offset: done, value }]);
    for (const step of deliveries.of({ set, origin, datumsMax: 100 }, unframer)) {
      if ('schemaId' in step) throw new Error(`schema ${step.schemaId} was asked for`);
      paintAll(step, counts);
    }
  }
  return counts;

  function paintAll(delivery: Delivery, tally: HostileCounts): void {
    for (let i = 0; i < delivery.count; i += 1) {
      if (delivery.starts[i]! < 0) {
        if (delivery.unreadable?.get(i)) tally.faults += 1;
        else tally.skipped += 1;
        continue;
      }
      try {
        const painter = painterOf(delivery.schemas[delivery.schemaOf?.[i] ?? 0]!);
        const events = painter.begin(delivery, i);
        for (let event = 0; event < events; event += 1) paintOne(painter, tally);
      } catch (error) {
        expectNamed(error);
        tally.faults += 1;
      }
    }
  }

  function paintOne(painter: Painter, tally: HostileCounts): void {
    try {
      const dropped = painter.paint({ origin, nextOffset: 0, inFlight: 0, dropped: false });
      tally[dropped === undefined ? 'records' : 'skipped'] += 1;
    } catch (error) {
      expectNamed(error);
      tally.faults += 1;
    }
  }

  function painterOf(schema: WriterSchema): Painter {
    let painter = painters.get(schema);
    if (!painter) {
      const binding = bindingOf(schema, { section: {}, presets: [] });
      painter = byValuePainter({ binding, ids, frames });
      // A damaged container brings a damaged schema: those are not kept.
      if (schemas.includes(schema)) painters.set(schema, painter);
    }
    return painter;
  }
}

function expectNamed(error: unknown): void {
  const isNamed = error instanceof BadEventError || error instanceof UnmappableSchemaError;
  if (!isNamed || error.message === '') throw error;
}

function framesAlone(): Frames {
  const frames = new Frames({
    messageOctetsMax: 1472,
    flushIntervalMs: 500,
    clock: new ManualClock(),
    ledger: new Ledger({ framesMax: 1e9 }),
    templates: new ActiveTemplates({ templatesMax: 64, known: [] }),
  });
  frames.sealed.subscribe((sealed) => {
    if (sealed.length > 1472) throw new Error('a Message longer than the MTU');
    frames.recycle(sealed);
  });
  return frames;
}

interface Whole {
  readonly number: number;
  readonly fingerprint: string;
  readonly schema: unknown;
}

function frame(form: FramingForm, datum: Buffer, { number, fingerprint, schema }: Whole): Buffer {
  switch (form) {
    case 'confluent':
      return confluent(number, datum);
    case 'apicurio8':
      return Buffer.concat([Buffer.alloc(4), confluent(number, datum)]);
    case 'single-object':
      return Buffer.concat([Buffer.from(`c301${fingerprint}`, 'hex'), datum]);
    case 'bare':
      return datum;
    case 'bare-many':
      return Buffer.concat([datum, datum, datum]);
    case 'ocf':
      return container(JSON.stringify(schema), datum);
  }
}

// Avro specification, "Object Container Files", one block of one datum, written by hand.
export function container(schema: string, ...datums: readonly Buffer[]): Buffer {
  const sync = Buffer.alloc(16, 0x5a);
  const data = Buffer.concat(datums);
  const text = (octets: Buffer) => Buffer.concat([long(octets.length), octets]);
  return Buffer.concat([
    ...[Buffer.from('Obj\x01', 'latin1'), long(1), text(Buffer.from('avro.schema'))],
    ...[text(Buffer.from(schema)), long(0), sync],
    ...[long(datums.length), text(data), sync],
  ]);
}

function long(value: number): Buffer {
  const octets: number[] = [];
  let rest = value * 2;
  for (; rest >= 0x80; rest = Math.floor(rest / 128)) octets.push((rest & 0x7f) | 0x80);
  return Buffer.from([...octets, rest]);
}

/** Octets changed, cut off, doubled or put in between; some are left as they are. */
function damaged(random: Random, octets: Buffer): Buffer {
  if (octets.length === 0 || random.chance(0.4)) return octets;
  const copy = Buffer.from(octets);
  const at = random.integer(0, copy.length - 1);
  switch (random.integer(0, 4)) {
    case 0:
      copy[at] = random.integer(0, 255);
      return copy;
    case 1:
      copy[at] = nestings[random.integer(0, nestings.length - 1)]!;
      return copy;
    case 2:
      return copy.subarray(0, at);
    case 3: {
      const huge = Buffer.alloc(random.integer(1, 11), 0xff);
      return Buffer.concat([copy.subarray(0, at), huge, copy.subarray(at)]);
    }
    default:
      return Buffer.concat([copy.subarray(0, at), copy, copy.subarray(at)]);
  }
}
