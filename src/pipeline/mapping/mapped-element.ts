// An Information Element as a field of the mapping fills it: in how many octets, and how it is written.

import { naturalLength } from '../../ipfix/abstract-type.ts';
import { basicListField } from '../../ipfix/basic-list.ts';
import { plainField } from '../../ipfix/field-encoder.ts';
import type { InformationElement } from '../../ipfix/information-element.ts';
import { variableLength } from '../../ipfix/template.ts';
import { type CollectorProfile, generic } from './collector-profile.ts';
import { chosenElements } from './element-choice.ts';
import type { MappedElement } from './mapped-field.ts';
import { attempt, MappingError } from './mapping-error.ts';
import type { ElementSpec } from './mapping-spec.ts';

/** Throws MappingError. */
export const mappedElement = (
  element: InformationElement,
  spec: ElementSpec,
  profile: CollectorProfile,
): MappedElement =>
  element.type === 'basicList' ? listElement(element, spec) : plainElement(element, spec, profile);

/** An element that is not a list. Throws MappingError. */
export function plainElement(
  element: InformationElement,
  spec: ElementSpec,
  profile: CollectorProfile = generic,
): MappedElement {
  const { name, type } = element;
  const natural = naturalLength(type);
  const encoder = plainField({ element, length: spec.length ?? profile.lengthOf(element) ?? 0 });
  if (encoder) return encoder;
  if (spec.length === undefined || natural === undefined) {
    throw new MappingError(`${name} is ${type}, which is not supported yet`);
  }
  const lengths = natural === variableLength ? 'any' : `${natural} or, for integers, fewer`;
  throw new MappingError(`${name} (${type}) cannot be sent in ${spec.length} octets; ${lengths}`);
}

function listElement(element: InformationElement, spec: ElementSpec): MappedElement {
  const { of, length, semantic = 'undefined' } = spec;
  if (of === undefined) {
    throw new MappingError('a basicList needs "of": the element of its items');
  }
  if (length !== undefined) throw new MappingError('"length" has no effect on a list; remove it');
  const item = itemElement(of);
  if (!item) {
    throw new MappingError(
      `"of": "${of}" is not one Information Element; see the IANA IPFIX registry`,
    );
  }
  const encoder = plainField({ element: item, length: naturalLength(item.type) ?? 0 });
  if (!encoder) throw new MappingError(`"of": ${item.type} cannot be in a list`);
  return basicListField(element, encoder, { semantic });
}

/** The element of a list's items; undefined where the name is not that of exactly one. */
export function itemElement(name: string): InformationElement | undefined {
  const choice = attempt(() => chosenElements({ element: name }));
  return choice instanceof MappingError || choice.by !== 'nothing' ? undefined : choice.elements[0];
}
