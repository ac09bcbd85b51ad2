// How the Avro types at a path are named to people.

import type { AvroType } from '../../avro/schema.ts';

/** `long (timestamp-millis)`, `fixed (16 octets)`, `array of string`. */
export function formOf(type: AvroType): string {
  switch (type.kind) {
    case 'fixed':
      return type.logicalType === undefined
        ? `fixed (${type.size} octets)`
        : `fixed (${type.logicalType})`;
    case 'array':
      return `array of ${formOf(type.items)}`;
    case 'map':
      return `map of ${formOf(type.values)}`;
    case 'union':
      return type.members.map(formOf).join(' or ');
    case 'enum':
    case 'record':
      return type.kind;
    default:
      return type.logicalType === undefined ? type.kind : `${type.kind} (${type.logicalType})`;
  }
}
