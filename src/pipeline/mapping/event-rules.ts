// Rules that drop events under a named, counted reason: markers, rows without data, what is not wanted.

import { impossibleText, impossibleValue, readValues } from './conversion/avro-values.ts';
import type { EventSource, EventSources } from './event-source.ts';
import type { EventValues } from './mapped-field.ts';
import { attempt, MappingError } from './mapping-error.ts';
import type { RuleSpec } from './mapping-spec.ts';

export interface EventRule {
  readonly reason: string;
  /** The path it looks at. */
  readonly field: string;
  readonly drops: (event: EventValues) => boolean;
}

/** `skip` drops where the field is one of the values, `keep` where it is none of them. Throws MappingError. */
export function eventRule(kind: 'skip' | 'keep', spec: RuleSpec, sources: EventSources): EventRule {
  const { reason, field, is, optional } = spec;
  const values = new Set<unknown>(readValues(is));
  const dropsWhenOneOf = kind === 'skip';
  const source = attempt(() => sources.at(field));
  if (source instanceof MappingError) {
    if (!optional) throw source;
    const drops = values.has(null) === dropsWhenOneOf;
    return { reason, field, drops: () => drops };
  }
  if (!optional) checkValues(is, source);
  return { reason, field, drops: (event) => values.has(source.read(event)) === dropsWhenOneOf };
}

/** A value that the field never has would drop nothing, or all. */
function checkValues(is: RuleSpec['is'], { variants, nullable }: EventSource): void {
  const written = is.filter((value) => value !== null);
  if (written.length < is.length && !nullable && written.length === 0) {
    throw new MappingError(
      '"is": the field cannot be null; name another value, or add "optional": true',
    );
  }
  const wrong = impossibleValue(variants, written);
  if (wrong === undefined) return;
  throw new MappingError(
    `"is": ${impossibleText(variants, wrong)}; write one as the events have it`,
  );
}
