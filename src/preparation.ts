// Everything that can be known before anything is connected to: the configuration, the events'
// schema, the mapping and the Templates that come of it. All faults of all of them at once.

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import avro from 'avsc';
import { type Config, ConfigError, type Environment, type Fault, readConfig } from './config.ts';
import { type Mapping, mappingFromSchema } from './pipeline/mapping.ts';

export interface Preparation {
  readonly config: Config;
  readonly warnings: readonly Fault[];
  /** The text of the schema that the events were written with. */
  readonly schemaText: string;
  readonly writerSchema: unknown;
  readonly mapping: Mapping;
}

/** The contract this project ships; from src/ and from dist/ alike. */
export const defaultSchemaFile = join(import.meta.dirname, '..', 'schemas', 'flow-event.avsc');

/** Throws ConfigError with all faults. Opens files, connects to nothing. */
export function prepare(env: Environment): Preparation {
  const { config, partial, faults, warnings } = readConfig(env);
  const schema = readSchema(partial.AVRO_SCHEMA_FILE);
  const all = [...faults, ...schema.faults];
  if (!config || all.length > 0) throw new ConfigError(all, warnings);
  return { config, warnings, ...schema };
}

interface SchemaReading extends Pick<Preparation, 'schemaText' | 'writerSchema' | 'mapping'> {
  readonly faults: readonly Fault[];
}

function readSchema(file: string | undefined): SchemaReading {
  const where = file === undefined ? 'schemas/flow-event.avsc' : 'AVRO_SCHEMA_FILE';
  let schemaText: string;
  try {
    schemaText = readFileSync(file ?? defaultSchemaFile, 'utf8');
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    const problem = `${file} cannot be read (${code}); name a readable Avro schema, or unset it`;
    return { ...nothing, faults: [{ where, problem }] };
  }
  return parseSchema(schemaText, file === undefined ? where : `${where} (${file})`);
}

/** Reads a schema's mapping; faults name `where` the schema came from. */
export function parseSchema(schemaText: string, where: string): SchemaReading {
  let writerSchema: unknown;
  try {
    writerSchema = JSON.parse(schemaText);
  } catch (error) {
    const problem = `is not JSON: ${(error as Error).message}; mend the file`;
    return { ...nothing, faults: [{ where, problem }] };
  }
  try {
    avro.Type.forSchema(writerSchema as avro.Schema);
  } catch (error) {
    const problem = `is not an Avro schema: ${(error as Error).message}; mend the file`;
    return { ...nothing, faults: [{ where, problem }] };
  }
  const mapping = mappingFromSchema(writerSchema);
  const faults = mapping.faults.map(({ path, problem }) => ({
    where: `${where} ${path}`,
    problem,
  }));
  return { schemaText, writerSchema, mapping, faults };
}

const nothing = {
  schemaText: '',
  writerSchema: undefined,
  mapping: { fields: [], ignored: [], faults: [] },
};
