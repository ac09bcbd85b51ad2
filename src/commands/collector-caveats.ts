// Elements that collectors in use are known to misread: worth a word before they are sent.

import { naturalLength } from '../ipfix/abstract-type.ts';
import { variableLength } from '../ipfix/template.ts';
import type { InformationElement } from '../ipfix/information-element.ts';
import type { CollectorProfileName } from '../pipeline/mapping/collector-profile.ts';
import type { MappedField } from '../pipeline/mapping/mapped-field.ts';

/**
 * One sentence for each kind of element in the mapping that some collector does not read right.
 * Programs that a COLLECTOR_PROFILE is for have their say in it.
 */
export function caveatsOf(
  fields: readonly MappedField[],
  profile: CollectorProfileName = 'generic',
): string[] {
  const found = new Map<string, string[]>();
  const names = new Set(
    fields.flatMap(({ elements }) => elements.map(({ field }) => field.element.name)),
  );
  for (const { path, elements } of fields) {
    for (const { field } of elements) {
      const { element, length } = field;
      for (const [applies, sentence, answer] of caveats) {
        if (answer !== undefined && (profile === answer || profile === 'fixed-length')) continue;
        if (!applies(element, length, names)) continue;
        const paths = found.get(sentence) ?? [];
        if (!paths.includes(path)) found.set(sentence, [...paths, path]);
      }
    }
  }
  return Array.from(found, ([sentence, paths]) => `${paths.join(', ')}: ${sentence}`);
}

type Applies = (
  element: InformationElement,
  length: number,
  /** The names of all elements of the mapping. */
  names: ReadonlySet<string>,
) => boolean;

const isCounter = ({ semantics }: InformationElement): boolean => semantics.endsWith('Counter');

/** When it applies, what is said then, and the profile under which there is nothing to say. */
const caveats: readonly (readonly [Applies, string, CollectorProfileName?])[] = [
  [
    ({ type }) => type === 'dateTimeMicroseconds' || type === 'dateTimeNanoseconds',
    'pmacct, nfdump up to 1.7.1, Akvorado and vFlow misread these times, and go-ipfix rejects the Template; use milliseconds',
  ],
  [
    ({ name }, length) => /^(reverseT|t)cpControlBits$/.test(name) && length === 1,
    'go-ipfix (Antrea) reads 2 octets whatever the Template says, and misreads the rest of the record; vFlow shows 1 octet as hexadecimal text; for them, set COLLECTOR_PROFILE=go-ipfix or fixed-length',
    'go-ipfix',
  ],
  [
    ({ name }, length) => name === 'forwardingStatus' && length !== 1,
    'go-ipfix (Antrea) reads 1 octet whatever the Template says, and misreads the rest of the record; for it, set COLLECTOR_PROFILE=go-ipfix',
    'go-ipfix',
  ],
  [
    ({ type }, length) => type !== 'basicList' && length === variableLength,
    'programs that do not support variable lengths, or that treat an empty value as the end of the Set, lose records; for these, set COLLECTOR_PROFILE=fixed-length and give a "length"',
    'go-ipfix',
  ],
  [
    ({ name }, _, names) => /SysUpTime$/.test(name) && !names.has('systemInitTimeMilliseconds'),
    'it counts from systemInitTimeMilliseconds, which is not mapped: collectors cannot compute the time, or use the Export Time of a Message instead; map systemInitTimeMilliseconds too, or an absolute time',
  ],
  [
    ({ semantics }) => semantics === 'totalCounter',
    'goflow2 reads Total counters as 0, and programs that add up records count them repeatedly; use Delta counters',
  ],
  [
    ({ type, name }, length) =>
      /^(?:un)?signed/.test(type) &&
      length < (naturalLength(type) ?? 0) &&
      !/^(reverseT|t)cpControlBits$/.test(name),
    'go-ipfix and vFlow do not read integers that are shorter than the type of the element; remove "length" for them',
  ],
  [
    (element, length) => isCounter(element) && ![4, 8].includes(length),
    'pmacct reads only counters of 4 and 8 octets, others as 0',
  ],
  [
    ({ type }, length) => type.startsWith('unsigned') && ![1, 2, 4, 8, 32].includes(length),
    'python-ipfix, Telegraf and Logstash read only integers of 1, 2, 4 and 8 octets',
  ],
  [
    ({ enterpriseNumber }) => enterpriseNumber !== 0,
    'Logstash drops a Template with an enterprise element, many others skip the element',
  ],
  [
    ({ type }, length) => type === 'octetArray' && length === variableLength,
    'Logstash cannot read an octetArray of variable length; a string can be read',
  ],
  [({ type }) => type === 'basicList', 'Filebeat and nfdump do not read lists'],
];
