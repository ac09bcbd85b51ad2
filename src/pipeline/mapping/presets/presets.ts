// The built-in mappings, by name.

import { suggestion } from '../../../did-you-mean.ts';
import type { Preset } from '../mapping-spec.ts';
import { ktranslate } from './ktranslate.ts';
import { akvorado, awsVpc, ecs, goflow2, netobserv } from './names.ts';
import { pmacct } from './pmacct.ts';

export const presets: readonly Preset[] = [
  pmacct,
  ktranslate,
  goflow2,
  akvorado,
  netobserv,
  ecs,
  awsVpc,
];

export const presetNames: readonly string[] = presets.map(({ name }) => name);

/** The presets of these names, and what is wrong with names that are none. */
export function presetsNamed(names: readonly string[]): { presets: Preset[]; faults: string[] } {
  const faults: string[] = [];
  const found = names.flatMap((name) => {
    const preset = presets.find((one) => one.name === name);
    if (preset) return [preset];
    const hint = suggestion(name, presetNames, `there are ${presetNames.join(', ')}`);
    faults.push(`"${name}" is not a preset; ${hint}`);
    return [];
  });
  return { presets: found, faults };
}
