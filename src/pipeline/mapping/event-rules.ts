// Rules that drop events under a named, counted reason: markers, rows without data, what is not wanted.

import { impossibleText, impossibleValue, readValues } from './conversion/avro-values.ts';
import type { EventSource, EventSources } from './event-source.ts';
import type { EventValues } from './mapped-field.ts';
import type { RuleSpec } from './mapping-spec.ts';

export interface EventRule {
  readonly reason: string;
  /** The path it looks at. */
  readonly field: string;
  readonly drops: (event: EventValues) => boolean;
}

/** `skip` drops where the field is one of the values, `keep` where it is none of them. */
export function eventRule(
  kind: 'skip' | 'keep',
  spec: RuleSpec,
  sources: EventSources,
): EventRule | { readonly problem: string } {
  const { reason, field, is, optional } = spec;
  const source = sources.at(field);
  if (typeof source === 'string' && !optional) return { problem: source };
  const values = new Set<unknown>(readValues(is));
  const dropsWhenOneOf = kind === 'skip';
  if (typeof source === 'string') {
    const drops = values.has(null) === dropsWhenOneOf;
    return { reason, field, drops: () => drops };
  }
  if (!optional) {
    const problem = isFault(spec, source);
    if (problem !== undefined) return { problem };
  }
  return { reason, field, drops: (event) => values.has(source.read(event)) === dropsWhenOneOf };
}

/** A value that the field never has would drop nothing, or all. */
function isFault({ is }: RuleSpec, { variants, nullable }: EventSource): string | undefined {
  const written = is.filter((value) => value !== null);
  if (written.length < is.length && !nullable && written.length === 0) {
    return '"is": the field cannot be null; name another value, or add "optional": true';
  }
  const wrong = impossibleValue(variants, written);
  return wrong === undefined
    ? undefined
    : `"is": ${impossibleText(variants, wrong)}; write one as the events have it`;
}
