// subTemplateList and subTemplateMultiList (RFC 6313 §4.5.2, §4.5.3): Data Records of other Templates in
// one field. The sender has to send those Templates too (RFC 6313 §6).

import { EncodeError } from './encode-error.ts';
import {
  type FieldEncoder,
  inPlace,
  listField,
  listItems,
  type ListOptions,
  refuseOverlong,
} from './field-encoder.ts';
import type { InformationElement } from './information-element.ts';
import { listSemantics } from './list-semantics.ts';
import { templateIdMin } from './template.ts';

/** A Template whose records lie in a list. Its fields may hold lists of the same Template again. */
export interface SubTemplate {
  readonly id: number;
  readonly fields: readonly FieldEncoder[];
}

/** Some of the records of a subTemplateMultiList: those of one Template. */
interface SubTemplateRecords {
  readonly templateId: number;
  /** Each record is an array of values, in the order of the Template. */
  readonly records: readonly (readonly unknown[])[];
}

const semanticOctets = 1;
const templateIdOctets = 2;
/** Template ID and length. */
const partHeadOctets = 4;

// RFC 6313 §4.5.2
//   subTemplateList => semantic template_id [Data Record]
/** A field of `element` (a subTemplateList). The value is an array of records, each of them an array. */
export function subTemplateListField(
  element: InformationElement,
  template: SubTemplate,
  options: ListOptions = {},
): FieldEncoder {
  checkTemplateId(template);
  const semantic = listSemantics[options.semantic ?? 'undefined'];
  const content = {
    octetsOf: (value: unknown, depth: number) =>
      semanticOctets + templateIdOctets + recordsOctets(template, value, depth),
    write(value: unknown, target: Buffer, at: number, depth: number): number {
      at = target.writeUInt16BE(template.id, target.writeUInt8(semantic, at));
      return writeRecords(template, value, target, at, depth);
    },
  };
  return listField(element, content, options);
}

// RFC 6313 §4.5.3
//   subTemplateMultiList => semantic [template_id length [Data Record]]
//   length => unsigned16, the four octets of template_id and itself included; 0 for each where the
//             whole list has no record
/** A field of `element` (a subTemplateMultiList). The value is an array of SubTemplateRecords. */
export function subTemplateMultiListField(
  element: InformationElement,
  templates: readonly SubTemplate[],
  options: ListOptions = {},
): FieldEncoder {
  for (const template of templates) checkTemplateId(template);
  const semantic = listSemantics[options.semantic ?? 'undefined'];
  const byId = new Map(templates.map((template) => [template.id, template]));
  const partOctets = (part: unknown, depth: number) =>
    partHeadOctets + recordsOctets(templateOf(part, byId), recordsOf(part), depth);
  const content = {
    octetsOf: (value: unknown, depth: number) =>
      listItems(value).reduce<number>((octets, part, i) => {
        refuseOverlong(octets);
        return octets + inPlace('part', i + 1, () => partOctets(part, depth));
      }, semanticOctets),
    write(value: unknown, target: Buffer, start: number, depth: number): number {
      const parts = listItems(value);
      const isEmpty = parts.every((part) => listItems(recordsOf(part)).length === 0);
      return parts.reduce<number>(
        (at, part, i) =>
          inPlace('part', i + 1, () => {
            const template = templateOf(part, byId);
            target.writeUInt16BE(template.id, at);
            const end = writeRecords(template, recordsOf(part), target, at + partHeadOctets, depth);
            target.writeUInt16BE(isEmpty ? 0 : end - at, at + 2);
            return end;
          }),
        target.writeUInt8(semantic, start),
      );
    },
  };
  return listField(element, content, options);
}

function checkTemplateId({ id }: SubTemplate): void {
  if (Number.isInteger(id) && id >= templateIdMin && id <= 65_535) return;
  throw new Error(`${id} is not a Template ID: use 256 to 65,535`);
}

function templateOf(part: unknown, byId: ReadonlyMap<number, SubTemplate>): SubTemplate {
  const id = (part as Partial<SubTemplateRecords> | null)?.templateId;
  const template = id === undefined ? undefined : byId.get(id);
  if (!template) throw new EncodeError(`Template ${String(id)} is not a Template of the list`);
  return template;
}

const recordsOf = (part: unknown): unknown => (part as Partial<SubTemplateRecords> | null)?.records;

function recordsOctets({ fields }: SubTemplate, records: unknown, depth: number): number {
  let octets = 0;
  listItems(records).forEach((record, i) => {
    inPlace('record', i + 1, () => {
      const values = valuesOf(fields, record);
      fields.forEach((field, j) => (octets += field.octetsOf(values[j], depth)));
    });
    refuseOverlong(octets);
  });
  return octets;
}

function writeRecords(
  { fields }: SubTemplate,
  records: unknown,
  target: Buffer,
  start: number,
  depth: number,
): number {
  let at = start;
  listItems(records).forEach((record, i) => {
    inPlace('record', i + 1, () => {
      const values = valuesOf(fields, record);
      fields.forEach((field, j) => (at = field.encode(values[j], target, at, depth)));
    });
  });
  return at;
}

function valuesOf(fields: readonly FieldEncoder[], record: unknown): readonly unknown[] {
  const values = listItems(record);
  if (values.length === fields.length) return values;
  throw new EncodeError(`${values.length} values for the ${fields.length} fields of the Template`);
}
