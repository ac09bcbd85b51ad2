// Messages that other implementations have published in their tests, read as they say.

import { describe, expect, test } from 'vitest';
import { jsonRecord } from '../../src/collector/json-value.ts';
import { Decoder, type DecodedTemplate } from '../../src/ipfix/decoder.ts';
import { elementByName } from '../../src/ipfix/information-element.ts';
import { publishedElements, publishedSessions } from '../vectors/published-messages.ts';

const elements = publishedElements.map(([enterpriseNumber, id, name, type]) => ({
  ...elementByName('octetDeltaCount')!,
  enterpriseNumber,
  id,
  name,
  type,
}));

const fieldsOf = ({ fields }: DecodedTemplate): string[] =>
  fields.map(({ element, length, scope }) => `${element.name}${scope ? '*' : ''} ${length}`);

test('there are at least ten of them', () => {
  expect(publishedSessions.flat().length).toBeGreaterThanOrEqual(10);
});

describe.each(publishedSessions.map((session) => [session[0]!.source, session] as const))(
  '%s',
  (_, session) => {
    const decoder = new Decoder({ elements });

    test.each(session)('$source: $octets.length octets', (published) => {
      const decoded = decoder.decode(published.octets);
      const { sequenceNumber, observationDomainId, paddingOctets = 0 } = published;
      expect(decoded).toMatchObject({ sequenceNumber, observationDomainId, paddingOctets });
      expect(decoded.unknownSets).toEqual([]);
      if (published.exportTime !== undefined) {
        const exportTime = new Date(decoded.exportTime * 1_000).toISOString();
        expect(exportTime).toBe(`${published.exportTime}.000Z`);
      }
      expect(
        Object.fromEntries(decoded.templates.map((told) => [told.templateId, fieldsOf(told)])),
      ).toEqual(published.templates ?? {});
      expect(decoded.records.map(({ values }) => ({ ...jsonRecord(values) }))).toEqual(
        published.records ?? [],
      );
    });
  },
);
