// Where a Worker finds the schemas that events were written with: files, and the registry.

import { fingerprint64 } from '../avro/fingerprint.ts';
import type { Config } from '../config/config.ts';
import type { FilesRead, TopicPlan } from '../config/preparation.ts';
import type { WriterSchema } from '../sources/delivery.ts';
import { SchemaRegistry } from '../sources/schemas/schema-registry.ts';
import { SchemaStore } from '../sources/schemas/schema-store.ts';

export function schemaStore(
  config: Config,
  files: FilesRead,
  topics: readonly TopicPlan[],
): SchemaStore {
  const bare = new Map<string, WriterSchema>();
  for (const { topic, schema } of topics) if (schema) bare.set(topic, schema);
  const byFingerprint = new Map(
    files.schemaFiles.map((path) => {
      const json = files.schemas[path];
      return [fingerprint64(json), { name: path, json }];
    }),
  );
  return new SchemaStore({ bare, byFingerprint, registry: registryOf(config, files) });
}

/** Undefined where none is configured. */
export function registryOf(config: Config, files: FilesRead): SchemaRegistry | undefined {
  const { SCHEMA_REGISTRY_URL: urls } = config;
  if (urls === undefined) return undefined;
  return new SchemaRegistry({
    urls,
    username: config.SCHEMA_REGISTRY_USERNAME,
    password: config.SCHEMA_REGISTRY_PASSWORD,
    token: config.SCHEMA_REGISTRY_TOKEN,
    tls: files.registryTls,
    timeoutMs: config.SCHEMA_REGISTRY_TIMEOUT,
    unknownTtlMs: config.SCHEMA_REGISTRY_UNKNOWN_TTL,
  });
}
