// Options Data Records before they are painted, and what their Templates look like. What they say is
// the business of statistics.ts and domain-options.ts; how they leave, that of options-export.ts.

import { naturalLength } from '../../ipfix/abstract-type.ts';
import { elementByName } from '../../ipfix/information-element.ts';
import type { FieldSpecifier } from '../../ipfix/template.ts';
import type { Layout } from '../templates/template-ids.ts';

interface OptionsLayout {
  /** Scope Fields first. */
  readonly fields: Layout;
  readonly scopeFieldCount: number;
}

/** The values of one Data Record, in the order of its layout. */
export type OptionsRow = readonly (number | bigint | string)[];

/** Data Records of one Options Template. */
export interface OptionsRecords {
  readonly layout: OptionsLayout;
  readonly rows: readonly OptionsRow[];
}

/** A layout of IANA's elements by their names, each of its natural length. */
export function optionsLayout(scope: readonly string[], about: readonly string[]): OptionsLayout {
  return {
    fields: [...scope, ...about].map(naturalField),
    scopeFieldCount: scope.length,
  };
}

function naturalField(name: string): FieldSpecifier {
  const element = elementByName(name);
  const length = element && naturalLength(element.type);
  if (!element || length === undefined) throw new Error(`no element ${name} has a natural length`);
  return { element, length };
}
