// Random Templates and values, lists within lists among them: the real encoder and the naive one give
// the same octets, and the decoder gives back what was put in.

import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { Decoder, type DecodedRecord, type Value } from '../../src/ipfix/decoder.ts';
import { semanticName } from '../../src/ipfix/list-semantics.ts';
import {
  messageHeaderOctets,
  setHeaderOctets,
  templateSetId,
  writeMessageHeader,
  writeSetHeader,
} from '../../src/ipfix/message.ts';
import { writeTemplateRecord } from '../../src/ipfix/template.ts';
import {
  anyRecord,
  anyTemplate,
  type AnyTemplate,
  namedBy,
  ownElements,
} from '../support/arbitrary/any-template.ts';
import type { AnyValue } from '../support/arbitrary/any-value.ts';
import { naiveMessage, naiveSet, templateRecord } from '../support/oracles/naive-ipfix.ts';

// Properties take their time on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

interface Case {
  readonly template: AnyTemplate;
  readonly records: readonly AnyValue[];
  readonly header: {
    readonly exportTimeS: number;
    readonly sequenceNumber: number;
    readonly observationDomainId: number;
  };
}

const word = fc.integer({ min: 0, max: 0xffff_ffff });
const header = fc.record({ exportTimeS: word, sequenceNumber: word, observationDomainId: word });

const anyCase = (depth: number): fc.Arbitrary<Case> =>
  anyTemplate(depth, 8).chain((template) =>
    fc.record({
      template: fc.constant(template),
      records: fc.array(anyRecord(template.fields), { minLength: 1, maxLength: 4 }),
      header,
    }),
  );

const templatesOf = ({ template }: Case): AnyTemplate[] => [template, ...namedBy(template)];

function naively(made: Case): Buffer {
  const told = templatesOf(made).map(({ id, fields }) =>
    templateRecord(
      id,
      fields.map((field) => field.specifier),
    ),
  );
  const data = naiveSet(made.template.id, ...made.records.map(({ octets }) => octets));
  return naiveMessage(made.header, [naiveSet(2, ...told), data]);
}

function really(made: Case): Buffer {
  const message = Buffer.alloc(200_000);
  const setAt = messageHeaderOctets;
  let at = setAt + setHeaderOctets;
  for (const { id, fields } of templatesOf(made)) {
    at = writeTemplateRecord(
      message,
      at,
      id,
      fields.map(({ encoder }) => encoder.field),
    );
  }
  writeSetHeader(message, setAt, templateSetId, at - setAt);
  const dataAt = at;
  at += setHeaderOctets;
  const { id, fields } = made.template;
  for (const { value } of made.records) {
    const values = value as unknown[];
    fields.forEach(({ encoder }, i) => {
      const octets = encoder.octetsOf(values[i]);
      const end = encoder.encode(values[i], message, at);
      expect(end - at).toBe(octets);
      at = end;
    });
  }
  writeSetHeader(message, dataAt, id, at - dataAt);
  const { exportTimeS, sequenceNumber, observationDomainId } = made.header;
  writeMessageHeader(message, at, exportTimeS, sequenceNumber, observationDomainId);
  return message.subarray(0, at);
}

/** What a decoder made of it, in the words of any-template.ts. */
function plain(value: Value): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (value.type === 'unread') return value;
  const semantic = semanticName(value.semantic);
  switch (value.type) {
    case 'basicList':
      return { semantic, element: value.element.name, values: value.values.map(plain) };
    case 'subTemplateList':
      return { semantic, templateId: value.templateId, records: value.records.map(plainRecord) };
    case 'subTemplateMultiList': {
      const parts = value.parts.map(({ templateId, records }) => ({
        templateId,
        records: records.map(plainRecord),
      }));
      return { semantic, parts };
    }
  }
}

const plainRecord = ({ values }: DecodedRecord): unknown[] =>
  values.map(({ value }) => plain(value));

function checkRoundTrip(made: Case): void {
  const ids = templatesOf(made).map(({ id }) => id);
  fc.pre(new Set(ids).size === ids.length);
  const wanted = naively(made);
  fc.pre(wanted.length <= 65_535);
  const octets = really(made);
  expect(octets.toString('hex')).toBe(wanted.toString('hex'));
  const decoded = new Decoder({ elements: ownElements }).decode(octets);
  expect(decoded).toMatchObject({
    exportTime: made.header.exportTimeS,
    sequenceNumber: made.header.sequenceNumber,
    observationDomainId: made.header.observationDomainId,
    dataRecordCount: made.records.length,
    unknownSets: [],
    paddingOctets: 0,
  });
  expect(decoded.templates.map(({ templateId }) => templateId)).toEqual(ids);
  expect(decoded.records.map(plainRecord)).toEqual(made.records.map(({ read }) => read));
}

test('values of every type, in every length they can be sent in', () => {
  fc.assert(fc.property(anyCase(0), checkRoundTrip), { numRuns: 600 });
});

test('lists, within lists, within lists', () => {
  fc.assert(fc.property(anyCase(3), checkRoundTrip), { numRuns: 400 });
});
