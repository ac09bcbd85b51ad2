// Default values of a reader's fields as octets (Avro specification, "Complex Types", "default").

import { AvroWriter } from './avro-writer.ts';
import { defaultRules, JsonDatumError, jsonText, writeJson } from './json-datum.ts';
import { type AvroType, AvroSchemaError, type RecordField, typesIn } from './schema.ts';

/** Every default of a reader schema, also the ones that no writer needs. Throws AvroSchemaError. */
export function checkDefaults(reader: AvroType): void {
  for (const type of typesIn(reader)) {
    if (type.kind === 'record') {
      for (const field of type.fields) if ('default' in field.json) defaultOctets(field);
    } else if (type.kind === 'enum' && type.default !== undefined) {
      if (type.symbols.includes(type.default)) continue;
      const problem = `the default ${type.default} of enum ${type.name} is not one of its symbols`;
      throw new AvroSchemaError('', `${problem}; correct it`);
    }
  }
}

/** Throws AvroSchemaError. */
export function defaultOctets({ name, type, json }: RecordField): Buffer {
  const out = new AvroWriter();
  try {
    writeJson(out, type, json['default'], name, defaultRules);
  } catch (error) {
    if (!(error instanceof JsonDatumError)) throw error;
    const { path, value } = error;
    const text = value === undefined ? 'nothing' : jsonText(value);
    throw new AvroSchemaError(path, `the default ${text} is not a value of its type; correct it`);
  }
  return Buffer.from(out.written());
}
