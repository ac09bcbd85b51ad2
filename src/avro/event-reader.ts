// The walk through a datum: from octets to slots, one for each wanted path, without an object for the
// event. What is not needed is skipped, but still checked.

import { AvroCursor, AvroDataError, defaultLimits, type ReadLimits } from './avro-cursor.ts';
import { eventsRoot, recordsIn, segmentsOf } from './leaves.ts';
import type { AvroType, RecordType } from './schema.ts';

export interface EventReader {
  /** The value of each wanted path in the event read last; null where absent. */
  readonly slots: unknown[];
  /** Which of the leaf's variants (`AvroLeaf.variants`) the value is. */
  readonly variants: Uint8Array;
  /**
   * Reads the datum `bytes[start]` up to, not including, `bytes[end]`; all of its structure is
   * checked. Returns how many events it holds: 1, or as many as the array has. Throws AvroDataError.
   */
  begin(bytes: Buffer, start: number, end: number): number;
  /**
   * Goes on to the next event: to be called before each. Where an event cannot be read it throws
   * AvroDataError, and the one after it can be.
   */
  next(): void;
  /**
   * A step of the walk, for one that is compiled: reads what is wanted at the path and below, of this
   * type, and passes the rest over. The path is nowhere else in the schema.
   */
  part(type: AvroType, path: string): Step;
  /** The octet behind the datum that begins at `start`. Throws AvroDataError. */
  measure(bytes: Buffer, start: number, end: number): number;
}

export interface EventReaderOptions {
  /** The path of the array whose items are the events. */
  readonly events?: string;
  readonly limits?: Partial<ReadLimits>;
}

/**
 * Values: int → number, long → number where exact, else bigint, float and double → number, boolean,
 * string and enum → string, bytes and fixed → a view into the datum, an array → an array of these.
 * The path `$record` is the full name of the event's record.
 */
export function eventReader(
  root: AvroType,
  paths: readonly string[],
  options: EventReaderOptions = {},
): EventReader {
  return new Reader(root, paths, options);
}

export type Step = (cursor: AvroCursor) => void;
type Take = (cursor: AvroCursor) => unknown;

/** What is wanted below a place in the schema. */
interface Wanted {
  slot: number;
  readonly below: Map<string, Wanted>;
}

const nothing: Step = () => {};

class Reader implements EventReader {
  readonly slots: unknown[];
  readonly variants: Uint8Array;
  readonly #cursor: AvroCursor;
  readonly #variantCounts: number[];
  readonly #recordSlot: number;
  readonly #skips = new Map<AvroType, Step>();
  readonly #leastOctets = new Map<AvroType, number>();
  readonly #wanted: Wanted;
  readonly #read: Step;
  readonly #skip: Step;
  readonly #hasVariants: boolean;
  // Where the events are an array's items:
  readonly #eventsAre: AvroType | undefined;
  readonly #item: Step = nothing;
  readonly #itemSlots: number[] = [];
  #eventsAt = -1;
  #eventCount = 0;
  #next = 0;
  #leftInBlock = 0;

  constructor(root: AvroType, paths: readonly string[], { events, limits }: EventReaderOptions) {
    this.#cursor = new AvroCursor({ ...defaultLimits, ...limits });
    this.slots = new Array<unknown>(paths.length).fill(null);
    this.variants = new Uint8Array(paths.length);
    this.#variantCounts = paths.map(() => 0);
    this.#recordSlot = paths.indexOf('$record');
    const wanted = wantedOf(paths);
    this.#wanted = wanted;
    this.#skip = this.#skipping(root);
    const item = events === undefined ? itemOf(root) : itemAt(root, segmentsOf(events));
    if (item === undefined) this.#read = this.#event(root, wanted);
    else {
      this.#eventsAre = item;
      const inside = events === undefined ? [] : segmentsOf(events);
      const below = inside.reduce<Wanted | undefined>((at, name) => at?.below.get(name), wanted);
      // The slots of the items are emptied for each; the ones around them stay.
      const around = events === undefined ? undefined : without(wanted, inside);
      this.#read = this.#aroundEvents(root, around, inside);
      this.#itemSlots.push(...slotsOf(below), ...(this.#recordSlot < 0 ? [] : [this.#recordSlot]));
      this.#item = this.#event(item, below);
    }
    this.#hasVariants = this.#variantCounts.some((count) => count > 1);
  }

  begin(bytes: Buffer, start: number, end: number): number {
    this.slots.fill(null);
    if (this.#hasVariants) this.variants.fill(0);
    this.#eventsAt = -1;
    this.#eventCount = 0;
    this.#walk(this.#read, bytes, start, end);
    const left = end - this.#cursor.at;
    if (left > 0) throw new AvroDataError('', `${left} octets are left over after the datum`);
    if (!this.#eventsAre) return 1;
    this.#next = this.#eventsAt;
    this.#leftInBlock = 0;
    return this.#eventCount;
  }

  next(): void {
    if (!this.#eventsAre) return;
    const cursor = this.#cursor;
    for (const slot of this.#itemSlots) this.slots[slot] = null;
    cursor.at = this.#next;
    cursor.depth = 0;
    cursor.items = 0;
    if (this.#leftInBlock === 0) this.#leftInBlock = cursor.block(0);
    this.#leftInBlock -= 1;
    const begin = cursor.at;
    try {
      this.#item(cursor);
    } catch (error) {
      cursor.at = begin;
      cursor.depth = 0;
      this.#skipping(this.#eventsAre)(cursor);
      this.#next = cursor.at;
      throw dataError(error);
    }
    this.#next = cursor.at;
  }

  part(type: AvroType, path: string): Step {
    let wanted: Wanted | undefined = this.#wanted;
    for (const segment of segmentsOf(path)) wanted = wanted?.below.get(segment);
    // Its variants are counted again, to the same numbers.
    for (const slot of slotsOf(wanted)) this.#variantCounts[slot] = 0;
    return this.#step(type, wanted);
  }

  measure(bytes: Buffer, start: number, end: number): number {
    this.#walk(this.#skip, bytes, start, end);
    return this.#cursor.at;
  }

  #walk(step: Step, bytes: Buffer, start: number, end: number): void {
    this.#cursor.open(bytes, start, end);
    try {
      step(this.#cursor);
    } catch (error) {
      throw dataError(error);
    }
  }

  /** A record, or a union of them: its name may be wanted. */
  #event(type: AvroType, wanted: Wanted | undefined): Step {
    const step = this.#step(type, wanted);
    const slot = this.#recordSlot;
    if (slot < 0) return step;
    const { slots } = this;
    if (type.kind === 'record') {
      return (cursor) => {
        slots[slot] = type.name;
        step(cursor);
      };
    }
    if (type.kind !== 'union') return step;
    const names = type.members.map((member) => (member.kind === 'record' ? member.name : null));
    return (cursor) => {
      const before = cursor.at;
      slots[slot] = names[cursor.int()] ?? null;
      cursor.at = before;
      step(cursor);
    };
  }

  // The walk around an array of events: it is passed over, and where it lies is kept.
  #aroundEvents(type: AvroType, wanted: Wanted | undefined, inside: readonly string[]): Step {
    const [name, ...deeper] = inside;
    if (type.kind === 'union') {
      return this.#union(type.members.map((member) => this.#aroundEvents(member, wanted, inside)));
    }
    if (name === undefined) {
      if (type.kind !== 'array') return this.#skipping(type);
      const skip = this.#skipping(type.items);
      const least = this.#least(type.items);
      return (cursor) => {
        this.#eventsAt = cursor.at;
        this.#eventCount = blocks(cursor, least, skip);
      };
    }
    if (type.kind !== 'record') return this.#skipping(type);
    return recordStep(
      type,
      type.fields.map((field) =>
        field.name === name
          ? this.#aroundEvents(field.type, wanted?.below.get(name), deeper)
          : this.#step(field.type, wanted?.below.get(field.name)),
      ),
    );
  }

  /** Reads what is wanted below, passes the rest over. */
  #step(type: AvroType, wanted: Wanted | undefined): Step {
    if (!wanted) return this.#skipping(type);
    switch (type.kind) {
      case 'null':
        return nothing;
      case 'union':
        return this.#union(type.members.map((member) => this.#step(member, wanted)));
      case 'record':
        return recordStep(
          type,
          type.fields.map((field) => this.#step(field.type, wanted.below.get(field.name))),
        );
      case 'map':
        return this.#map(type.values, wanted);
      case 'array':
        return this.#array(type.items, wanted);
      default:
        return wanted.slot < 0 ? this.#skipping(type) : this.#leaf(type, wanted.slot);
    }
  }

  #leaf(type: AvroType, slot: number): Step {
    const { slots, variants } = this;
    const variant = this.#variantCounts[slot]!;
    this.#variantCounts[slot] = variant + 1;
    if (variant === 0) {
      // By kind, so that the common ones are each a call less.
      switch (type.kind) {
        case 'long':
          return (cursor) => {
            slots[slot] = cursor.long();
          };
        case 'int':
          return (cursor) => {
            slots[slot] = cursor.int();
          };
        case 'bytes':
          return (cursor) => {
            slots[slot] = cursor.octets(cursor.length());
          };
        case 'string':
          return (cursor) => {
            slots[slot] = cursor.string();
          };
        default:
      }
    }
    const take = this.#take(type);
    return (cursor) => {
      slots[slot] = take(cursor);
      variants[slot] = variant;
    };
  }

  /** One value of a type that holds no others; a list for an array. */
  #take(type: AvroType): Take {
    switch (type.kind) {
      case 'null':
        return () => null;
      case 'boolean':
        return (cursor) => cursor.boolean();
      case 'int':
        return (cursor) => cursor.int();
      case 'long':
        return (cursor) => cursor.long();
      case 'float':
        return (cursor) => cursor.float();
      case 'double':
        return (cursor) => cursor.double();
      case 'bytes':
        return (cursor) => cursor.octets(cursor.length());
      case 'string':
        return (cursor) => cursor.string();
      case 'fixed':
        return (cursor) => cursor.octets(type.size);
      case 'enum':
        return (cursor) => symbolOf(cursor, type.symbols);
      case 'union': {
        const takes = type.members.map((member) => this.#take(member));
        return (cursor) => takes[indexOf(cursor, takes.length)]!(cursor);
      }
      default: {
        const skip = this.#skipping(type);
        return (cursor) => {
          skip(cursor);
          return null;
        };
      }
    }
  }

  #union(steps: readonly Step[]): Step {
    return (cursor) => {
      steps[indexOf(cursor, steps.length)]!(cursor);
    };
  }

  #map(values: AvroType, wanted: Wanted): Step {
    const steps = new Map(
      Array.from(wanted.below, ([key, below]) => [key, this.#step(values, below)] as const),
    );
    // A map that is wanted whole has no value: but it counts as a variant.
    if (wanted.slot >= 0) this.#variantCounts[wanted.slot]! += 1;
    const skip = this.#skipping(values);
    const least = 1 + this.#least(values);
    return (cursor) => {
      blocks(cursor, least, () => {
        const key = cursor.string();
        try {
          (steps.get(key) ?? skip)(cursor);
        } catch (error) {
          throw dataError(error).within(key);
        }
      });
    };
  }

  #array(items: AvroType, wanted: Wanted): Step {
    const { slots, variants } = this;
    const { slot, below } = wanted;
    const variant = slot < 0 ? 0 : this.#variantCounts[slot]!;
    if (slot >= 0) this.#variantCounts[slot] = variant + 1;
    const steps = new Map(
      Array.from(below, ([number, deeper]) => [Number(number), this.#step(items, deeper)] as const),
    );
    const take = this.#take(items);
    const skip = this.#skipping(items);
    const least = this.#least(items);
    return (cursor) => {
      const list: unknown[] = [];
      let number = 0;
      blocks(cursor, least, () => {
        const begin = cursor.at;
        const step = steps.get(number);
        try {
          if (slot >= 0) list.push(take(cursor));
          if (step) {
            cursor.at = begin;
            step(cursor);
          } else if (slot < 0) skip(cursor);
        } catch (error) {
          throw dataError(error).within(number);
        }
        number += 1;
      });
      if (slot < 0) return;
      slots[slot] = list;
      variants[slot] = variant;
    };
  }

  /** Passes a value over; the same step for the same type, so that a type may hold itself. */
  #skipping(type: AvroType): Step {
    const known = this.#skips.get(type);
    if (known) return known;
    let made: Step = nothing;
    if (type.kind === 'record') this.#skips.set(type, (cursor) => made(cursor));
    made = this.#makeSkip(type);
    if (type.kind !== 'record') this.#skips.set(type, made);
    return made;
  }

  #makeSkip(type: AvroType): Step {
    switch (type.kind) {
      case 'null':
        return nothing;
      case 'boolean':
        return (cursor) => void cursor.boolean();
      case 'int':
        return (cursor) => void cursor.int();
      case 'long':
        return (cursor) => cursor.skipLong();
      case 'float':
        return (cursor) => cursor.skip(4);
      case 'double':
        return (cursor) => cursor.skip(8);
      case 'bytes':
      case 'string':
        return (cursor) => cursor.skip(cursor.length());
      case 'fixed':
        return (cursor) => cursor.skip(type.size);
      case 'enum':
        return (cursor) => void symbolOf(cursor, type.symbols);
      case 'union':
        return this.#union(type.members.map((member) => this.#skipping(member)));
      case 'array': {
        const item = this.#skipping(type.items);
        const least = this.#least(type.items);
        return (cursor) => void blocks(cursor, least, item);
      }
      case 'map': {
        const value = this.#skipping(type.values);
        const entry: Step = (cursor) => {
          cursor.skip(cursor.length());
          value(cursor);
        };
        const least = 1 + this.#least(type.values);
        return (cursor) => void blocks(cursor, least, entry);
      }
      case 'record':
        return recordStep(
          type,
          type.fields.map((field) => this.#skipping(field.type)),
        );
    }
  }

  /** The least octets a value takes. */
  #least(type: AvroType): number {
    const known = this.#leastOctets.get(type);
    if (known !== undefined) return known;
    // A record inside itself: less than it takes, so never too much.
    this.#leastOctets.set(type, 0);
    const least = this.#leastOf(type);
    this.#leastOctets.set(type, least);
    return least;
  }

  #leastOf(type: AvroType): number {
    switch (type.kind) {
      case 'null':
        return 0;
      case 'float':
        return 4;
      case 'double':
        return 8;
      case 'fixed':
        return type.size;
      case 'union':
        return 1 + Math.min(...type.members.map((member) => this.#least(member)));
      case 'record':
        return type.fields.reduce((sum, field) => sum + this.#least(field.type), 0);
      default:
        return 1;
    }
  }
}

function recordStep({ fields }: RecordType, steps: readonly Step[]): Step {
  return (cursor) => {
    cursor.deeper();
    let i = 0;
    try {
      for (; i < steps.length; i += 1) steps[i]!(cursor);
    } catch (error) {
      throw dataError(error).within(fields[i]!.name);
    }
    cursor.depth -= 1;
  };
}

/** All items of an array or a map; returns how many. */
function blocks(cursor: AvroCursor, octetsMin: number, item: Step): number {
  let items = 0;
  cursor.deeper();
  for (;;) {
    const count = cursor.block(octetsMin);
    if (count === 0) break;
    const { blockOctets, blockAt } = cursor;
    for (let i = 0; i < count; i += 1) item(cursor);
    items += count;
    if (blockOctets >= 0 && cursor.at - blockAt !== Number(blockOctets)) {
      const found = cursor.at - blockAt;
      throw new AvroDataError('', `a block of ${found} octets whose stated size is ${blockOctets}`);
    }
  }
  cursor.depth -= 1;
  return items;
}

function indexOf(cursor: AvroCursor, members: number): number {
  const index = cursor.int();
  if (index >= 0 && index < members) return index;
  throw new AvroDataError('', `member ${index} of a union of ${members}`);
}

function symbolOf(cursor: AvroCursor, symbols: readonly string[]): string {
  const index = cursor.int();
  const symbol = symbols[index];
  if (symbol !== undefined) return symbol;
  throw new AvroDataError('', `symbol ${index} of an enum of ${symbols.length}`);
}

/** Nothing but its own faults comes out of the walk. */
function dataError(error: unknown): AvroDataError {
  if (error instanceof AvroDataError) return error;
  throw error;
}

function wantedOf(paths: readonly string[]): Wanted {
  const root: Wanted = { slot: -1, below: new Map() };
  paths.forEach((path, slot) => {
    if (path === '$record') return;
    let at = root;
    for (const segment of segmentsOf(path)) {
      let next = at.below.get(segment);
      if (!next) at.below.set(segment, (next = { slot: -1, below: new Map() }));
      at = next;
    }
    at.slot = slot;
  });
  return root;
}

function* slotsOf(wanted: Wanted | undefined): Iterable<number> {
  if (!wanted) return;
  if (wanted.slot >= 0) yield wanted.slot;
  for (const below of wanted.below.values()) yield* slotsOf(below);
}

/** The same wishes but for what is below the events' array. */
function without(wanted: Wanted, [name, ...deeper]: readonly string[]): Wanted {
  if (name === undefined) return { slot: -1, below: new Map() };
  const below = new Map(wanted.below);
  const next = below.get(name);
  if (next) below.set(name, without(next, deeper));
  return { ...wanted, below };
}

const itemOf = (root: AvroType): AvroType | undefined => {
  const item = eventsRoot(root);
  return item === root ? undefined : item;
};

function itemAt(type: AvroType, [name, ...deeper]: readonly string[]): AvroType | undefined {
  if (type.kind === 'union') {
    for (const member of type.members) {
      const found = itemAt(member, name === undefined ? [] : [name, ...deeper]);
      if (found) return found;
    }
    return undefined;
  }
  if (name === undefined) {
    return type.kind === 'array' && recordsIn(type.items).length > 0 ? type.items : undefined;
  }
  if (type.kind !== 'record') return undefined;
  const field = type.fields.find((one) => one.name === name);
  return field && itemAt(field.type, deeper);
}
