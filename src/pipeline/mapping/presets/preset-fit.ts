// Which preset knows the names of a schema: for messages about fields that nothing maps.

import { looseName } from '../element-choice.ts';
import type { Preset } from '../mapping-spec.ts';
import { presets } from './presets.ts';

interface PresetFit {
  readonly preset: Preset;
  /** How many fields of the schema it knows by name. */
  readonly fields: number;
}

/** A name or two, as `bytes` and `packets`, are of every schema. */
const fieldsMin = 3;

/** How many of the paths a preset has, ignoring case, `_` and `-`. */
function fitOf({ mapping }: Preset, paths: readonly string[]): number {
  const loose = new Set(paths.map(looseName));
  return Object.keys(mapping.fields ?? {}).filter((path) => loose.has(looseName(path))).length;
}

/** All presets, those first that know most of the paths. */
export const presetsByFit = (paths: readonly string[]): PresetFit[] =>
  presets
    .map((preset) => ({ preset, fields: fitOf(preset, paths) }))
    .sort((one, other) => other.fields - one.fields);

/** The preset that knows most of the paths; undefined where none knows a few of them. */
export function bestPreset(paths: readonly string[]): PresetFit | undefined {
  const [best] = presetsByFit(paths);
  return best && best.fields >= fieldsMin ? best : undefined;
}

/** Whether another preset than those that are named knows twice as many of the paths as this one. */
export function hasBetter(
  preset: Preset,
  named: readonly Preset[],
  paths: readonly string[],
): boolean {
  const best = bestPreset(paths);
  return (
    best !== undefined && !named.includes(best.preset) && best.fields >= 2 * fitOf(preset, paths)
  );
}

/** `preset "aws-vpc" has 9 of its fields`; undefined as above. */
export function bestPresetText(paths: readonly string[]): string | undefined {
  const best = bestPreset(paths);
  return best && `preset "${best.preset.name}" has ${best.fields} of its fields`;
}
