// Where a mapped field's value is read: a path of the Avro schema, or a source beside the value.

import { suggestion } from '../../did-you-mean.ts';
import { EncodeError } from '../../ipfix/abstract-type.ts';
import { leafAt, type AvroLeaf, type LeafType } from '../../avro/leaves.ts';
import type { AvroType } from '../../avro/schema.ts';
import { formOf } from './avro-forms.ts';
import { originalTimestampMs } from '../../sources/dead-letter.ts';
import type { EventValues } from './mapped-field.ts';
import { MappingError } from './mapping-error.ts';
import type { ElementSpec } from './mapping-spec.ts';

/** Values at a path: which Avro types they have there, and how to get at one. */
export interface EventSource {
  readonly variants: readonly LeafType[];
  readonly nullable: boolean;
  readonly avro: string;
  /** The value, or null. */
  readonly read: (event: EventValues) => unknown;
  /** Which variant the value is. */
  readonly variantOf: (event: EventValues) => number;
}

/** The paths that mapped fields and rules read, each with its slot in the event reader. */
export class EventSources {
  readonly paths: string[] = [];
  readonly #root: AvroType;
  readonly #events: string | undefined;
  readonly #leaves: readonly AvroLeaf[];
  readonly #byPath: ReadonlyMap<string, AvroLeaf>;

  constructor(root: AvroType, leaves: readonly AvroLeaf[], events: string | undefined) {
    this.#root = root;
    this.#events = events;
    this.#leaves = leaves;
    this.#byPath = new Map(leaves.map((leaf) => [leaf.path, leaf]));
  }

  leafAt(path: string): AvroLeaf | undefined {
    return this.#byPath.get(path) ?? leafAt(this.#root, path, this.#events);
  }

  /** Throws MappingError where there is none. */
  at(path: string, spec: Pick<ElementSpec, 'as' | 'value'> = {}): EventSource {
    if (path.startsWith('$')) return this.#beside(path, spec);
    const leaf = this.leafAt(path);
    if (!leaf) throw this.#missing(path);
    return {
      ...this.#slotted(path),
      variants: leaf.variants,
      nullable: leaf.nullable,
      avro: leaf.variants.map(formOf).join(' or '),
    };
  }

  #missing(path: string): MappingError {
    const paths = this.#leaves.map((leaf) => leaf.path);
    const inner = paths.find((other) => other.startsWith(`${path}.`));
    return new MappingError(
      inner === undefined
        ? `the schema has no such field; ${suggestion(path, paths, 'remove it, or add "optional": true')}`
        : `is a record; map its fields, as "${inner}"`,
    );
  }

  #slotted(path: string): Pick<EventSource, 'read' | 'variantOf'> {
    let slot = this.paths.indexOf(path);
    if (slot < 0) slot = this.paths.push(path) - 1;
    return {
      read: (event) => event.slots[slot],
      variantOf: (event) => event.variants[slot]!,
    };
  }

  #beside(path: string, spec: Pick<ElementSpec, 'as' | 'value'>): EventSource {
    const header = /^\$header\.(.+)$/.exec(path)?.[1];
    if (header !== undefined) {
      return octetsBeside(spec, ({ delivery, datum }) => delivery.metadata?.header(datum, header));
    }
    switch (path) {
      case '$key':
        return octetsBeside(spec, ({ delivery, datum }) => delivery.metadata?.key(datum));
      case '$timestamp':
        return only({ kind: 'long', logicalType: 'timestamp-millis' }, true, originalTimestamp);
      case '$topic':
        return only({ kind: 'string' }, false, ({ delivery }) => delivery.origin.topic);
      case '$partition':
        return only({ kind: 'int' }, false, ({ delivery }) => delivery.origin.partition);
      case '$offset':
        return only({ kind: 'long' }, false, ({ delivery, datum }) => delivery.offsets[datum]);
      case '$record':
        return {
          ...this.#slotted(path),
          variants: [{ kind: 'string' }],
          nullable: false,
          avro: 'record name',
        };
      case '$constant':
        return constant(spec.value);
      default:
        throw new MappingError(unknownSource(path));
    }
  }
}

const originalTimestamp = ({ delivery: { metadata }, datum }: EventValues): number | undefined =>
  metadata && originalTimestampMs(metadata, datum);

const besides = ['$key', '$timestamp', '$topic', '$partition', '$offset', '$record', '$constant'];

export const isSource = (path: string): boolean =>
  path.startsWith('$header.') || besides.includes(path);

export const unknownSource = (path: string): string =>
  `is not a source; ${suggestion(path, [...besides, '$header.NAME'], `there are ${besides.join(', ')}`)}`;

function only(
  variant: LeafType,
  nullable: boolean,
  read: (event: EventValues) => unknown,
): EventSource {
  return {
    variants: [variant],
    nullable,
    avro: formOf(variant),
    read: (event) => read(event) ?? null,
    variantOf: () => 0,
  };
}

function constant(value: ElementSpec['value']): EventSource {
  switch (typeof value) {
    case 'string':
      return only({ kind: 'string' }, false, () => value);
    case 'boolean':
      return only({ kind: 'boolean' }, false, () => value);
    case 'number':
      return only({ kind: Number.isInteger(value) ? 'long' : 'double' }, false, () => value);
    default:
      throw new MappingError('a constant needs "value"');
  }
}

// A key or a header is octets; what they mean is not written in them.
function octetsBeside(
  { as = 'text' }: Pick<ElementSpec, 'as'>,
  read: (event: EventValues) => Buffer | null | undefined,
): EventSource {
  if (as === 'octets') return only({ kind: 'bytes' }, true, read);
  const textOf = as === 'json' ? jsonText : utf8Text;
  return only({ kind: 'string' }, true, (event) => {
    const octets = read(event);
    return octets ? textOf(octets) : null;
  });
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function utf8Text(octets: Buffer): string {
  try {
    return utf8.decode(octets);
  } catch (cause) {
    throw new EncodeError('its octets are not UTF-8 text', { cause });
  }
}

function jsonText(octets: Buffer): string | null {
  let value: unknown;
  try {
    value = JSON.parse(utf8Text(octets));
  } catch (cause) {
    throw new EncodeError('its octets are not JSON text', { cause });
  }
  if (value === null || typeof value === 'string') return value;
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  throw new EncodeError('its JSON text is neither a string nor a number');
}
