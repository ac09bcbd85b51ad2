// Random schemas, mappings and events for both Painters: those of any-event.ts, which are right as a
// rule, and wilder ones, whose events are whatever the schema allows.

import { Random } from '../../../src/generator/random.ts';
import type { Binding } from '../../../src/pipeline/mapping/bindings.ts';
import { readMappingFile, sectionFor } from '../../../src/pipeline/mapping/mapping-file.ts';
import { anyCase } from './any-event.ts';
import { exactType } from '../oracles/exact-avro.ts';
import { bindingFor, mappingFromSchema } from '../events/mapping.ts';
import { damaged, deliveryOfDatums, TwoPainters } from '../events/two-painters.ts';
import { wildCase } from './wild-case.ts';

export interface PaintersCounts {
  events: number;
  /** Of these, left to the by-value Painter by the compiled one. */
  left: number;
  refused: number;
  records: number;
  frames: number;
}

interface Source {
  readonly binding: Binding;
  readonly datum: () => Buffer;
}

function sourceOf(random: Random): Source | undefined {
  const { schema, section, datum } = random.chance(0.3) ? tameCase(random) : wildCase(random);
  const { file, faults } = readMappingFile(JSON.stringify({ topics: { '*': section } }));
  if (faults.length > 0) throw new Error(JSON.stringify(faults));
  const mapping = mappingFromSchema(schema, { section: sectionFor(file, 'any'), presets: [] });
  return mapping.faults.length > 0 ? undefined : { binding: bindingFor(schema, mapping), datum };
}

function tameCase(random: Random) {
  const { schema, fields, event } = anyCase(random);
  const type = exactType(schema);
  return { schema, section: { fields }, datum: () => type.toBuffer(event().value) };
}

/** Paints `events` events of one random schema by both Painters; throws where they differ. */
export function paintBoth(seed: number, events: number): PaintersCounts | undefined {
  const random = new Random(seed);
  const source = sourceOf(random);
  const two = source && TwoPainters.of(source.binding);
  if (!source || !two) return undefined;
  const hostile = random.chance(0.3) ? 0.5 : 0.03;
  const whole = Array.from({ length: Math.ceil(events / 3) }, source.datum);
  const datums = Array.from({ length: events }, (_, i) => {
    const datum = whole[i % whole.length]!;
    return random.chance(hostile) ? damaged(random, datum) : datum;
  });
  // Several Deliveries of two Origins, so that claims take turns and some datums are a buffer's last.
  const deliveries = [0, 1, 2, 3].map((n) =>
    deliveryOfDatums(datums.slice((n * events) / 4, ((n + 1) * events) / 4), {
      partition: n % 2,
      firstOffset: n * events,
    }),
  );
  try {
    const { said, frames } = two.paint(deliveries);
    const refused = said.length;
    const records = frames.reduce((sum, frame) => sum + frame.records, 0);
    if (records !== events - refused) {
      throw new Error(`${records} records of ${events - refused} events`);
    }
    return { events, left: two.compiled.left, refused, records, frames: frames.length };
  } catch (cause) {
    throw new Error(`seed ${seed}: ${(cause as Error).message}`, { cause });
  }
}
