// Templates: what the Data Records of one Data Set look like, and the Messages that say so.

import type { InformationElement } from './information-element.ts';
import {
  messageHeaderOctets,
  optionsTemplateSetId,
  firstRecordAt,
  templateSetId,
  writeMessageHeader,
  writeSetHeader,
} from './message.ts';

/** The Field Length of a field whose values have a variable length (RFC 7011 §7). */
export const variableLength = 65_535;

/** Template IDs run from 256 to 65,535 (RFC 7011 §3.4.1). */
export const templateIdMin = 256;
export const templateIdCount = 65_536 - templateIdMin;

/** A field of a Template: its element and its length (RFC 7011 §3.2). */
export interface FieldSpecifier {
  readonly element: InformationElement;
  /** Length of each value in octets, or `variableLength`. */
  readonly length: number;
}

export interface Template {
  readonly id: number;
  readonly fields: readonly FieldSpecifier[];
  /** Of an Options Template: the number of its first fields that say what the others are about. */
  readonly scopeFieldCount?: number;
}

const enterpriseBit = 0x8000;

/** The octets that `writeTemplateRecord` adds. */
export function templateRecordOctets(fields: readonly FieldSpecifier[]): number {
  return fields.reduce((sum, { element }) => sum + (element.enterpriseNumber === 0 ? 4 : 8), 4);
}

/** The octets that `writeOptionsTemplateRecord` adds. */
export const optionsTemplateRecordOctets = (fields: readonly FieldSpecifier[]): number =>
  templateRecordOctets(fields) + 2;

// RFC 7011 §3.2
//   Field Specifier => E|information_element_id field_length [enterprise_number]
//   E => 1 bit, set where an enterprise_number (unsigned32) follows
/** Writes one Field Specifier at `at` and returns the octet after it. */
export function writeFieldSpecifier(
  target: Buffer,
  at: number,
  { element, length }: FieldSpecifier,
): number {
  const enterprise = element.enterpriseNumber !== 0;
  at = target.writeUInt16BE(enterprise ? element.id | enterpriseBit : element.id, at);
  at = target.writeUInt16BE(length, at);
  return enterprise ? target.writeUInt32BE(element.enterpriseNumber, at) : at;
}

// RFC 7011 §3.4.1
//   Template Record => template_id field_count [Field Specifier]
//   field_count     => unsigned16, never 0: that would be a Template Withdrawal (§8.1)
/** Writes one Template Record at `at` and returns the octet after it. */
export function writeTemplateRecord(
  target: Buffer,
  at: number,
  id: number,
  fields: readonly FieldSpecifier[],
): number {
  if (fields.length === 0) throw new Error(`Template ${id} has no fields; it needs at least 1`);
  at = target.writeUInt16BE(id, at);
  at = target.writeUInt16BE(fields.length, at);
  for (const field of fields) at = writeFieldSpecifier(target, at, field);
  return at;
}

// RFC 7011 §3.4.2.2
//   Options Template Record => template_id field_count scope_field_count [Field Specifier]
//   field_count       => unsigned16, the Scope Fields included
//   scope_field_count => unsigned16, never 0; the Scope Fields come first
/** Writes one Options Template Record at `at` and returns the octet after it. */
export function writeOptionsTemplateRecord(
  target: Buffer,
  at: number,
  id: number,
  fields: readonly FieldSpecifier[],
  scopeFieldCount: number,
): number {
  if (scopeFieldCount < 1 || scopeFieldCount > fields.length) {
    throw new Error(`${scopeFieldCount} Scope Fields among ${fields.length} fields; at least 1`);
  }
  at = target.writeUInt16BE(id, at);
  at = target.writeUInt16BE(fields.length, at);
  at = target.writeUInt16BE(scopeFieldCount, at);
  for (const field of fields) at = writeFieldSpecifier(target, at, field);
  return at;
}

/**
 * The Messages, of at most `messageOctetsMax` octets each, that carry all the Templates: one
 * Template Set each and nothing else (RFC 7011 §8.4 requires Templates in Messages of their own before
 * first use). Each Options Template has a Set, and so a Message, to itself: some collectors read only
 * the first of a Set. Export Time, Sequence Number and domain are left 0 for the moment of sending.
 * At most `templatesMax` of them are in a Message, for programs that read only the first ones.
 * A Template whose record by itself is longer than a Message is a mapping fault found long before; where
 * Messages have become shorter since, its own is longer than allowed, and its sender learns so.
 */
export function templateMessages(
  templates: Iterable<Template>,
  messageOctetsMax: number,
  templatesMax = Infinity,
): Buffer[] {
  const messages: Buffer[] = [];
  let inMessage = 0;
  let open = Buffer.alloc(messageOctetsMax);
  let at = firstRecordAt;
  const close = (setId: number) => {
    if (at === firstRecordAt) return;
    writeMessageHeader(open, at, 0, 0, 0);
    writeSetHeader(open, messageHeaderOctets, setId, at - messageHeaderOctets);
    messages.push(open.subarray(0, at));
    open = Buffer.alloc(messageOctetsMax);
    at = firstRecordAt;
    inMessage = 0;
  };
  for (const { id, fields, scopeFieldCount } of templates) {
    if (scopeFieldCount !== undefined) {
      close(templateSetId);
      at = writeOptionsTemplateRecord(open, at, id, fields, scopeFieldCount);
      close(optionsTemplateSetId);
      continue;
    }
    const octets = templateRecordOctets(fields);
    if (at + octets > messageOctetsMax || inMessage >= templatesMax) close(templateSetId);
    if (at + octets > messageOctetsMax) open = Buffer.alloc(at + octets);
    at = writeTemplateRecord(open, at, id, fields);
    inMessage += 1;
  }
  close(templateSetId);
  return messages;
}

/** The least octets of a Data Record: fixed lengths, and one length octet for each variable one. */
export function fixedOctets(fields: readonly FieldSpecifier[]): number {
  return fields.reduce((sum, { length }) => sum + (length === variableLength ? 1 : length), 0);
}
