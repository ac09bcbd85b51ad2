// Template Sets and Options Template Sets: octets → what later Data Records look like.

import { DecodeError, lengthFault } from './decode-value.ts';
import type { DecodedField, DecodedTemplate } from './decoded-message.ts';
import type { InformationElement } from './information-element.ts';

/** RFC 7011 §7: this Field Length says that each value carries its own. */
export const variableLength = 65535;

/** Never without an answer: what nobody declared is read as octets. `length` is the field's. */
export type ElementLookup = (
  enterpriseNumber: number,
  id: number,
  length: number,
) => InformationElement;

/** What a Template Set says, in its order. */
export interface TemplateListener {
  told(template: DecodedTemplate): void;
  /** A Template ID; or 2 or 3, for all Templates or all Options Templates. */
  withdrawn(templateId: number): void;
}

// RFC 7011 §3.4.1, §3.4.2, §8.1
//   Template Set            => Set Header [Template Record | Withdrawal] [padding]
//   Options Template Set    => Set Header [Options Template Record | Withdrawal] [padding]
//   Template Record         => template_id field_count [Field Specifier]
//   Options Template Record => template_id field_count scope_field_count [Field Specifier]
//   Withdrawal              => template_id 0
export function decodeTemplateSet(
  octets: DataView,
  start: number,
  end: number,
  options: boolean,
  lookup: ElementLookup,
  listener: TemplateListener,
): void {
  let at = start;
  while (end - at >= 4 && !isPadding(octets, at, end)) {
    const templateId = octets.getUint16(at);
    const fieldCount = octets.getUint16(at + 2);
    if (fieldCount === 0) {
      listener.withdrawn(templateId);
      at += 4;
      continue;
    }
    try {
      if (templateId < 256) throw new DecodeError('Template IDs begin at 256');
      const record = decodeTemplate(octets, at, end, options, lookup);
      listener.told(record.template);
      at = record.end;
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      const kind = options ? 'Options Template' : 'Template';
      throw new DecodeError(`in ${kind} ${templateId}: ${error.message}`);
    }
  }
}

/** Padding is shorter than a record, but exporters that align to 8 octets send up to 7 zeros. */
function isPadding(octets: DataView, start: number, end: number): boolean {
  if (end - start >= 8) return false;
  for (let at = start; at < end; at++) if (octets.getUint8(at) !== 0) return false;
  return true;
}

function decodeTemplate(
  octets: DataView,
  start: number,
  end: number,
  options: boolean,
  lookup: ElementLookup,
): { template: DecodedTemplate; end: number } {
  const templateId = octets.getUint16(start);
  const fieldCount = octets.getUint16(start + 2);
  const scopeCount = options ? scopeFieldCount(octets, start + 4, end, fieldCount) : 0;
  let at = start + (options ? 6 : 4);
  if (4 * fieldCount > end - at) throw new DecodeError('ends inside a Field Specifier');
  const fields = new Array<DecodedField>(fieldCount);
  let octetsMin = 0;
  let variable = false;
  for (let i = 0; i < fieldCount; i++) {
    const specifier = decodeFieldSpecifier(octets, at, end, lookup);
    if (typeof specifier === 'string') throw new DecodeError(specifier);
    const { element, length } = specifier;
    variable ||= length === variableLength;
    octetsMin += length === variableLength ? 1 : length;
    fields[i] = { element, length, scope: i < scopeCount };
    at = specifier.end;
  }
  return { template: { templateId, options, fields, octetsMin, variable }, end: at };
}

// RFC 7011 §3.4.2.2: unsigned16, not 0, and the Field Count includes it.
function scopeFieldCount(octets: DataView, at: number, end: number, fieldCount: number): number {
  if (end - at < 2) throw new DecodeError('the Set ends inside its header');
  const count = octets.getUint16(at);
  if (count === 0) throw new DecodeError('Scope Field Count is 0');
  if (count > fieldCount) {
    throw new DecodeError(`${count} Scope Fields among ${fieldCount} fields`);
  }
  return count;
}

interface DecodedSpecifier {
  readonly element: InformationElement;
  readonly length: number;
  readonly end: number;
}

// RFC 7011 §3.2
//   Field Specifier   => id field_length [enterprise_number]
//   id                => unsigned16, whose top bit says that the enterprise number is there
//   enterprise_number => unsigned32
/** A Field Specifier, or what is wrong with it. */
export function decodeFieldSpecifier(
  octets: DataView,
  at: number,
  end: number,
  lookup: ElementLookup,
): DecodedSpecifier | string {
  if (end - at < 4) return 'ends inside a Field Specifier';
  const word = octets.getUint16(at);
  const length = octets.getUint16(at + 2);
  const enterprise = word >= 0x8000;
  if (enterprise && end - at < 8) return 'ends inside a Field Specifier';
  const element = lookup(enterprise ? octets.getUint32(at + 4) : 0, word & 0x7fff, length);
  // A field of no octets says nothing, and enough of them would make records without end.
  const fault =
    length === 0
      ? 'Field Length is 0'
      : length === variableLength
        ? undefined
        : lengthFault(element.type, length);
  if (fault !== undefined) return `in ${element.name}: ${fault}`;
  return { element, length, end: at + (enterprise ? 8 : 4) };
}
