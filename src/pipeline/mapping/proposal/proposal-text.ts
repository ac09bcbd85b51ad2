// A proposal as a mapping file: YAML, with what is not sure as comments beside the reason.

import type { ElementSpec, FieldSpec, RuleSpec, SpecValue } from '../mapping-spec.ts';
import type { Proposal } from './proposal.ts';

interface TextOptions {
  /** The name of the section: a topic, or `*`. */
  readonly topic: string;
  /** Comment lines for the head of the file. */
  readonly head: readonly string[];
  readonly framing?: string | undefined;
}

const columns = 100;

export function proposalText(proposal: Proposal, { topic, head, framing }: TextOptions): string {
  const { section, mappedElsewhere, dropped, suggestions, ignored } = proposal;
  const lines = [...head.flatMap((line) => comment(line, '')), 'topics:', `  ${key(topic)}:`];
  const say = (line: string) => lines.push(`    ${line}`);
  const note = (text: string) => lines.push(...comment(text, '    '));
  for (const preset of section.preset ?? []) say(`preset: ${preset}`);
  if (framing !== undefined) say(`framing: ${framing}`);
  if (section.events !== undefined) {
    note('Each item of this array is an event.');
    say(`events: ${key(section.events)}`);
  }
  if (section.unlisted !== undefined) {
    const also = section.preset ? 'the preset and ' : '';
    note(`Only the fields of ${also}this list are exported.`);
    say(`unlisted: ${section.unlisted}`);
  }
  for (const [by, fields] of Map.groupBy(mappedElsewhere, (field) => field.by)) {
    note(`Mapped by ${origins[by] ?? by}: ${fields.map(({ path }) => path).join(', ')}.`);
  }
  const entries = Object.entries(section.fields ?? {});
  if (entries.length > 0) say('fields:');
  for (const [path, spec] of entries) {
    const reason = dropped.get(path);
    if (reason !== undefined)
      lines.push(...comment(`Not sure, so it is left out: ${reason}`, '      '));
    lines.push(`      ${key(path)}: ${fieldText(spec)}`);
  }
  if (suggestions.length > 0) {
    if (entries.length === 0) note('fields:');
    lines.push('', ...comment(howToUse, '      '));
    for (const { path, spec, doubt } of suggestions) {
      lines.push(...comment(`${path}: ${doubt}`, '      ', '#   '));
      lines.push(`      # ${key(path)}: ${fieldText(withoutElementOnly(spec))}`);
    }
  }
  const rules = section.skip ?? [];
  if (rules.length > 0) {
    lines.push('');
    note('A row that is updated ("u") is exported again; add "u" if that is no new flow.');
    lines.push('    skip:', ...rules.map((rule) => `      - ${ruleText(rule)}`));
  }
  const [unknown, known] = [
    ignored.filter(({ reason }) => reason === undefined),
    ignored.filter(({ reason }) => reason !== undefined),
  ];
  if (ignored.length > 0) lines.push('');
  for (const [reason, fields] of Map.groupBy(known, (field) => field.reason!)) {
    note(`Ignored, ${reason}: ${fields.map(({ path }) => path).join(', ')}.`);
  }
  if (unknown.length > 0) note(`Ignored: ${unknown.map(({ path }) => path).join(', ')}.`);
  return `${lines.join('\n')}\n`;
}

const howToUse = 'Not sure. Answer the question; if the line below it is right, remove its "# ".';

const origins: Readonly<Record<string, string>> = {
  attribute: 'the "ipfix" attribute of the schema',
  name: 'name',
};

/** Wrapped at spaces, each line a comment. */
function comment(text: string, indent: string, mark = '# '): string[] {
  const room = columns - indent.length - mark.length;
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + 1 + word.length > room) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line].map((one) => `${indent}${mark}${one}`.trimEnd());
}

const withoutElementOnly = (spec: ElementSpec): FieldSpec =>
  Object.keys(spec).length === 1 ? spec.element : spec;

function fieldText(spec: FieldSpec): string {
  if (typeof spec === 'string') return scalar(spec);
  if (Array.isArray(spec)) return `[${spec.map((one: FieldSpec) => fieldText(one)).join(', ')}]`;
  return flow(spec);
}

const ruleText = ({ reason, field, is }: RuleSpec): string => flow({ reason, field, is });

const flow = (object: object): string =>
  `{ ${Object.entries(object)
    .map(([name, value]) => `${key(name)}: ${valueText(value as Value)}`)
    .join(', ')} }`;

type Value = SpecValue | readonly SpecValue[] | Readonly<Record<string, SpecValue>>;

function valueText(value: Value): string {
  if (Array.isArray(value)) return `[${(value as SpecValue[]).map(scalar).join(', ')}]`;
  return typeof value === 'object' && value !== null ? flow(value) : scalar(value);
}

const scalar = (value: SpecValue): string =>
  typeof value === 'string' ? (isPlain(value) ? value : JSON.stringify(value)) : String(value);

/** An option's name `null` is written as it is: the reader of mapping files takes it for a name. */
const key = (name: string): string =>
  name === 'null' || isPlain(name) ? name : JSON.stringify(name);

/** YAML reads it as text, also without quotes. */
const isPlain = (text: string): boolean =>
  /^[A-Za-z_$][\w.$-]*$/.test(text) && !/^(?:null|true|false|yes|no|on|off|y|n)$/i.test(text);
