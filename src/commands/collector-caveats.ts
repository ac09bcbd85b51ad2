// Elements that collectors in use are known to misread: worth a word before they are sent.

import { variableLength } from '../ipfix/template.ts';
import type { MappedField } from '../pipeline/mapped-field.ts';

/** One sentence for each kind of element in the mapping that some collector does not read right. */
export function caveatsOf(fields: readonly MappedField[]): string[] {
  const found = new Map<string, string[]>();
  for (const { path, elements } of fields) {
    for (const { field } of elements) {
      const { element, length } = field;
      for (const [applies, sentence] of caveats) {
        if (!applies(element.type, length, element.enterpriseNumber, element.semantics)) continue;
        const paths = found.get(sentence) ?? [];
        if (!paths.includes(path)) found.set(sentence, [...paths, path]);
      }
    }
  }
  return Array.from(found, ([sentence, paths]) => `${paths.join(', ')}: ${sentence}`);
}

type Applies = (type: string, length: number, enterprise: number, semantics: string) => boolean;

const isCounter = (semantics: string): boolean => semantics.endsWith('Counter');

const caveats: readonly (readonly [Applies, string])[] = [
  [
    (type) => type === 'dateTimeMicroseconds' || type === 'dateTimeNanoseconds',
    'pmacct, nfdump up to 1.7.1, Akvorado and go-ipfix misread these times; milliseconds are safe',
  ],
  [
    (_, length, __, semantics) => isCounter(semantics) && ![4, 8].includes(length),
    'pmacct reads counters of 4 and 8 octets only, others as 0',
  ],
  [
    (type, length) => type.startsWith('unsigned') && ![1, 2, 4, 8, 32].includes(length),
    'python-ipfix, Telegraf and Logstash read integers of 1, 2, 4 and 8 octets only',
  ],
  [
    (_, __, enterprise) => enterprise !== 0,
    'Logstash drops a Template with an enterprise element, many others skip the element',
  ],
  [
    (type, length) => type === 'octetArray' && length === variableLength,
    'Logstash cannot read an octetArray of variable length; a string can be read',
  ],
  [(type) => type === 'basicList', 'Filebeat and nfdump do not read lists'],
];
