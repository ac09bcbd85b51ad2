// Random Templates, and random values for them: each value with the octets that have to come of it, by
// the oracle, and with what a decoder has to make of those.

import fc from 'fast-check';
import { basicListField } from '../../../src/ipfix/basic-list.ts';
import { type FieldEncoder, plainField } from '../../../src/ipfix/field-encoder.ts';
import {
  type AbstractType,
  elementById,
  ianaRegistry,
  type InformationElement,
  isImpossibleReverse,
} from '../../../src/ipfix/information-element.ts';
import { type ListSemantic, listSemantics } from '../../../src/ipfix/list-semantics.ts';
import {
  subTemplateListField,
  subTemplateMultiListField,
} from '../../../src/ipfix/sub-template-list.ts';
import { type AnyValue, valuesOf } from './any-value.ts';
import { bigEndian, specifier, withLength } from '../oracles/naive-ipfix.ts';

export interface AnyField {
  readonly encoder: FieldEncoder;
  readonly specifier: Buffer;
  readonly values: fc.Arbitrary<AnyValue>;
  /** The Templates that its lists name. */
  readonly templates: readonly AnyTemplate[];
}

export interface AnyTemplate {
  readonly id: number;
  readonly fields: readonly AnyField[];
}

const ownNumber = 32_473;

const scalarTypes = [
  ...['unsigned8', 'unsigned16', 'unsigned32', 'unsigned64', 'unsigned256'],
  ...['signed8', 'signed16', 'signed32', 'signed64', 'float32', 'float64', 'boolean'],
  ...['macAddress', 'ipv4Address', 'ipv6Address', 'string', 'octetArray', 'dateTimeSeconds'],
  ...['dateTimeMilliseconds', 'dateTimeMicroseconds', 'dateTimeNanoseconds'],
] as readonly AbstractType[];
const listTypes = ['basicList', 'subTemplateList', 'subTemplateMultiList'] as const;

/** Enterprise elements, one of each type: a decoder has to be told of them. */
export const ownElements: readonly InformationElement[] = [...scalarTypes, ...listTypes].map(
  (type, i) => ({
    ...{ id: 0x7fff - i, name: `own_${type}`, type, enterpriseNumber: ownNumber },
    ...{ semantics: '', units: '', range: '', deprecated: false },
  }),
);

/** IANA's, their reverse, and an enterprise's own. Those with a range are tested apart. */
function elementsOf(type: AbstractType): InformationElement[] {
  const iana = ianaRegistry.filter((element) => element.type === type && element.range === '');
  const reverse = iana
    .map(({ id }) => elementById(29305, id)!)
    .filter((element) => !isImpossibleReverse(element));
  return [...iana, ...reverse, ...ownElements.filter((element) => element.type === type)];
}

const specifierOf = ({ field: { element, length } }: FieldEncoder): Buffer =>
  specifier(element.enterpriseNumber, element.id, length);

const scalarField: fc.Arbitrary<AnyField> = fc.constantFrom(...scalarTypes).chain((type) =>
  fc
    .record({ element: fc.constantFrom(...elementsOf(type)), made: valuesOf(type) })
    .map(({ element, made: { length, values } }): AnyField => {
      const encoder = plainField({ element, length })!;
      return { encoder, specifier: specifierOf(encoder), values, templates: [] };
    }),
);

const semantic = fc.constantFrom(...(Object.keys(listSemantics) as ListSemantic[]));
const form = fc.constantFrom('shortest', 'long');
const listOptions = fc.record({ semantic, lengthForm: form });
const templateId = fc.integer({ min: 256, max: 65_535 });

const joined = (parts: readonly AnyValue[]): Buffer => Buffer.concat(parts.map((p) => p.octets));

function basicList(depth: number): fc.Arbitrary<AnyField> {
  const element = fc.constantFrom(...elementsOf('basicList'));
  return fc
    .record({ element, item: anyField(depth - 1), options: listOptions })
    .map(({ element: list, item, options }): AnyField => {
      const encoder = basicListField(list, item.encoder, options);
      const head = Buffer.concat([bigEndian(listSemantics[options.semantic], 1), item.specifier]);
      const values = fc.array(item.values, { maxLength: 3 }).map((items) => ({
        value: items.map(({ value }) => value),
        octets: withLength(Buffer.concat([head, joined(items)]), options.lengthForm),
        read: {
          semantic: options.semantic,
          element: item.encoder.field.element.name,
          values: items.map(({ read }) => read),
        },
      }));
      return { encoder, specifier: specifierOf(encoder), values, templates: item.templates };
    });
}

/** Records of a Template, as one value. */
function recordsOf({ fields }: AnyTemplate): fc.Arbitrary<AnyValue> {
  return fc.array(anyRecord(fields), { maxLength: 3 }).map((records) => ({
    value: records.map(({ value }) => value),
    octets: joined(records),
    read: records.map(({ read }) => read),
  }));
}

function subTemplateList(depth: number): fc.Arbitrary<AnyField> {
  const element = fc.constantFrom(...elementsOf('subTemplateList'));
  return fc
    .record({ element, template: anyTemplate(depth - 1, 3), options: listOptions })
    .map(({ element: list, template, options }): AnyField => {
      const encoder = subTemplateListField(list, encodersOf(template), options);
      const head = [bigEndian(listSemantics[options.semantic], 1), bigEndian(template.id, 2)];
      const values = recordsOf(template).map(({ value, octets, read }) => ({
        value,
        octets: withLength(Buffer.concat([...head, octets]), options.lengthForm),
        read: { semantic: options.semantic, templateId: template.id, records: read },
      }));
      const templates = [template, ...namedBy(template)];
      return { encoder, specifier: specifierOf(encoder), values, templates };
    });
}

function subTemplateMultiList(depth: number): fc.Arbitrary<AnyField> {
  const element = fc.constantFrom(...elementsOf('subTemplateMultiList'));
  const own = fc.array(anyTemplate(depth - 1, 2), { minLength: 1, maxLength: 2 });
  return fc
    .record({ element, own, options: listOptions })
    .map(({ element: list, own: templates, options }): AnyField => {
      const encoder = subTemplateMultiListField(list, templates.map(encodersOf), options);
      const part = fc
        .constantFrom(...templates)
        .chain((template) => recordsOf(template).map((records) => ({ template, records })));
      const values = fc.array(part, { maxLength: 3 }).map((parts): AnyValue => {
        const isEmpty = parts.every(({ records }) => records.octets.length === 0);
        const octets = parts.map(({ template, records }) =>
          Buffer.concat([
            bigEndian(template.id, 2),
            bigEndian(isEmpty ? 0 : 4 + records.octets.length, 2),
            records.octets,
          ]),
        );
        const head = bigEndian(listSemantics[options.semantic], 1);
        return {
          value: parts.map(({ template, records }) => ({
            templateId: template.id,
            records: records.value,
          })),
          octets: withLength(Buffer.concat([head, ...octets]), options.lengthForm),
          read: {
            semantic: options.semantic,
            parts: parts.map(({ template, records }) => ({
              templateId: template.id,
              records: records.read,
            })),
          },
        };
      });
      const named = templates.flatMap((template) => [template, ...namedBy(template)]);
      return { encoder, specifier: specifierOf(encoder), values, templates: named };
    });
}

/** A field of any type; lists as deep as `depth`. */
function anyField(depth: number): fc.Arbitrary<AnyField> {
  if (depth <= 0) return scalarField;
  const lists = fc.oneof(basicList(depth), subTemplateList(depth), subTemplateMultiList(depth));
  return fc.oneof({ arbitrary: scalarField, weight: 6 }, { arbitrary: lists, weight: 1 });
}

export function anyTemplate(depth: number, fieldsMax: number): fc.Arbitrary<AnyTemplate> {
  const fields = fc.array(anyField(depth), { minLength: 1, maxLength: fieldsMax });
  return fc.record({ id: templateId, fields });
}

/** One record: its value is an array of values, and so is what is read. */
export function anyRecord(fields: readonly AnyField[]): fc.Arbitrary<AnyValue> {
  return fc.tuple(...fields.map(({ values }) => values)).map((made) => ({
    value: made.map(({ value }) => value),
    octets: joined(made),
    read: made.map(({ read }) => read),
  }));
}

export const namedBy = ({ fields }: AnyTemplate): readonly AnyTemplate[] =>
  fields.flatMap(({ templates }) => templates);

const encodersOf = ({ id, fields }: AnyTemplate) => ({
  id,
  fields: fields.map(({ encoder }) => encoder),
});
