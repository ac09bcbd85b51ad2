// The code of fields that are not compiled: their values come through the event reader's slots and the
// field's own function, and are written by their elements' own encoders.

import { variableLength } from '../../../ipfix/template.ts';
import type { MappedField } from '../../mapping/mapped-field.ts';
import { bail, choiceLocals, present, type ValueCode } from './field-code.ts';

export function valueCode(field: MappedField, i: number): ValueCode & { readonly settle: string } {
  const isByValue = field.choice === 'value';
  const version = isByValue ? `c${i} = addressVersion(v${i}); if (c${i} === 0) ${bail}` : '';
  const says = field.flowVersion === 0 ? `y${i} = c${i};` : '';
  const isVariable = field.elements[0]!.field.length === variableLength;
  const encoder = hasTwo(field) ? `encoders[${i}][c${i} - 1]` : `encoders[${i}][0]`;
  const isNull = field.omitNull ? '' : `else { v${i} = nullValues[${i}]; ${version} }`;
  return {
    locals: `${choiceLocals(field, i)} let v${i} = null;`,
    reads: new Map(),
    settle: `v${i} = fields[${i}].read(event);
      if (v${i} !== null) { ${version} ${says} ${present(field, i)} } ${isNull}`,
    write: `o = ${encoder}.encode(v${i}, out, o);`,
    ...(isVariable && { moreOctets: `${encoder}.octetsOf(v${i}) - 1` }),
  };
}

const hasTwo = ({ choice }: MappedField): boolean => choice !== 'nothing';
