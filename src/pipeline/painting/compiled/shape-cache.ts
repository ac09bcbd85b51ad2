// From the Choices of an event to its Shape, for compiled code: as the bits of a few numbers they are
// their own key, and the Shape met last under a key is kept with its open Frame.

import type { Template } from '../../../ipfix/template.ts';
import type { Frame } from '../../frames/frame.ts';
import type { Frames } from '../../frames/frames.ts';
import type { Branch, Choice, Shapes } from '../../templates/shapes.ts';
import type { TemplateIds } from '../../templates/template-ids.ts';

/** Bits of each key, so that it stays a small integer. */
const keyBits = 30;
/** As `ShapeCache.of` takes them. */
export const keyNames = ['k0', 'k1', 'k2', 'k3'] as const;
const rows = 1024;

/** What is known of one Shape: compiled code reads it, and calls `frameFor` where the Frame is full. */
interface CachedShape extends Record<(typeof keyNames)[number], number> {
  epoch: number;
  template: Template;
  /** As in Shape. */
  fixedOctets: number;
  frame: Frame | undefined;
}

/** Where in the keys a branch has its bits. */
interface KeyBits {
  readonly key: number;
  readonly shift: number;
  readonly mask: number;
}

/** In the order of the branches. */
export function keyBitsOf(branches: readonly Branch[]): readonly KeyBits[] {
  let key = 0;
  let shift = 0;
  return branches.map(({ field }) => {
    const bits = field.choice === 'nothing' ? 1 : 2;
    if (shift + bits > keyBits) {
      key += 1;
      shift = 0;
    }
    const place = { key, shift, mask: (1 << bits) - 1 };
    shift += bits;
    return place;
  });
}

export class ShapeCache {
  readonly #shapes: Shapes;
  readonly #ids: TemplateIds;
  readonly #frames: Frames;
  readonly #bits: readonly KeyBits[];
  readonly #choices: Choice[];
  readonly #rows = new Array<CachedShape | undefined>(rows).fill(undefined);

  constructor(shapes: Shapes, ids: TemplateIds, frames: Frames) {
    this.#shapes = shapes;
    this.#ids = ids;
    this.#frames = frames;
    this.#bits = keyBitsOf(shapes.branches);
    this.#choices = shapes.branches.map(() => 0);
  }

  /** The longest record that a Message holds; less where the path MTU fell. */
  get recordOctetsMax(): number {
    return this.#frames.recordOctetsMax;
  }

  /** Undefined where no field of the event is left to be painted. */
  of(k0: number, k1: number, k2: number, k3: number): CachedShape | undefined {
    const mixed = Math.imul(
      k0 ^ Math.imul(k1, 31) ^ Math.imul(k2, 961) ^ Math.imul(k3, 29_791),
      mixer,
    );
    const row = this.#rows[mixed >>> 22];
    if (
      row?.k0 === k0 &&
      row.k1 === k1 &&
      row.k2 === k2 &&
      row.k3 === k3 &&
      row.epoch === this.#ids.epoch
    ) {
      return row;
    }
    return this.#find(mixed >>> 22, [k0, k1, k2, k3]);
  }

  /** The open Frame for a record of this many octets. */
  frameFor(shape: CachedShape, octets: number): Frame {
    const { frame, template } = shape;
    // While it is open and has a record it is the one that Frames would find.
    if (
      frame?.template === template &&
      !frame.sealed &&
      frame.records > 0 &&
      frame.at + octets <= frame.limit
    ) {
      return frame;
    }
    return (shape.frame = this.#frames.openFor(template, octets));
  }

  #find(index: number, keys: readonly number[]): CachedShape | undefined {
    this.#bits.forEach(({ key, shift, mask }, i) => {
      this.#choices[i] = ((keys[key]! >>> shift) & mask) as Choice;
    });
    const shape = this.#shapes.of(this.#choices);
    if (!shape) return undefined;
    const { template, fixedOctets } = shape;
    const [k0 = 0, k1 = 0, k2 = 0, k3 = 0] = keys;
    const known = { epoch: this.#ids.epoch, template, fixedOctets, frame: undefined };
    return (this.#rows[index] = { k0, k1, k2, k3, ...known });
  }
}

/** 2^32 over the golden ratio: the upper bits of the product are well mixed. */
const mixer = 0x9e37_79b1;
