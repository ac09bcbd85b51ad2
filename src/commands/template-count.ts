// Whether a mapping can make more Templates than are in use at a time: then they are announced again and
// again, and collectors that have not got one yet drop its records.

import type { Fault } from '../fault.ts';
import type { MappedField } from '../pipeline/mapping/mapped-field.ts';
import type { Mapping } from '../pipeline/mapping/mapping.ts';
import { possibleShapes } from '../pipeline/templates/shapes.ts';
import { someOf } from './some-of.ts';

interface TemplateFacts {
  readonly mappings: readonly { readonly topic: string; readonly mapping: Mapping }[];
  /** MAX_TEMPLATES. */
  readonly templatesMax: number;
  /** The events that were sampled and can be exported, and the different Templates that they have. */
  readonly sampled: { readonly events: number; readonly templates: number };
}

/** Fewer events say nothing about how many Templates there are. */
const eventsMin = 8;

/**
 * A warning where the Templates that nulls can make are more than MAX_TEMPLATES. Fields of one group count
 * as one. With samples, only if these need more than half of MAX_TEMPLATES, or more than half of them
 * has a Template of its own.
 */
export function templateWarning({
  mappings,
  templatesMax,
  sampled,
}: TemplateFacts): Fault | undefined {
  const counts = mappings.map(({ topic, mapping }) => ({ topic, count: likelyTemplates(mapping) }));
  const total = counts.reduce((sum, { count }) => sum + count, 0);
  if (total <= templatesMax) return undefined;
  const { events, templates } = sampled;
  const isSampled = events >= eventsMin;
  if (isSampled && templates <= templatesMax / 2 && templates <= events / 2) return undefined;
  const topics = counts.filter(({ count }) => count > templatesMax / mappings.length);
  const seen = isSampled
    ? `the ${events} sampled events have ${templates}`
    : 'no samples show how many occur';
  const problem =
    `${total.toLocaleString('en')} Templates are possible (${someOf(topics.map(({ topic }) => topic))}), ` +
    `but at most ${templatesMax} are in use at a time; ${seen}. ` +
    'Set "null": "unknown" or one "group" for fields that are often null ' +
    `(${someOf(nullable(mappings.map(({ mapping }) => mapping)))}), or raise MAX_TEMPLATES`;
  return { where: 'MAX_TEMPLATES', problem };
}

const recordsOf = ({ forward, reverse }: Mapping): (readonly MappedField[])[] =>
  reverse ? [forward, reverse.fields] : [forward];

const likelyTemplates = (mapping: Mapping): number =>
  recordsOf(mapping).reduce((sum, fields) => sum + likelyShapes(fields), 0);

function likelyShapes(fields: readonly MappedField[]): number {
  const groups = new Set(fields.flatMap(({ omitNull, group }) => (omitNull ? [group] : [])));
  const hasVersions = fields.some(({ choice, flowVersion }) => choice !== 'nothing' || flowVersion);
  const byGroups = 2 ** groups.size * (hasVersions ? 2 : 1);
  return Math.min(byGroups, possibleShapes(fields) ?? Infinity);
}

const nullable = (mappings: readonly Mapping[]): string[] => [
  ...new Set(
    mappings.flatMap(({ forward }) =>
      forward.flatMap(({ omitNull, path }) => (omitNull ? [path] : [])),
    ),
  ),
];
