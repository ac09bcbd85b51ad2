// docker-compose.yml as a project of a test's own: its images are those of the tests, and its ports on this
// machine are free ones.

import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { stringify } from 'yaml';
import { freePort } from '../../../demo/broker/free-port.ts';
import { dockerWith, ownImage, root } from './engine.ts';

type Overrides = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

export interface ComposeOptions {
  readonly profiles?: readonly string[];
  /** Replaces what the file says of a service, by the rules of Compose. */
  readonly services?: Overrides;
  readonly env?: Readonly<Record<string, string>>;
}

export interface Project {
  readonly name: string;
  /** Brokers as this machine's programs reach them. */
  readonly brokers: readonly string[];
  compose(...args: string[]): Promise<string>;
  /** The ids of the containers of a service, in the order of their numbers. */
  containers(service: string): Promise<string[]>;
}

const services = ['generator', 'stage', 'collector'] as const;
const brokers = [
  ['kafka', 29_092],
  ['kafka-2', 29_093],
  ['kafka-3', 29_094],
] as const;

/** Its network, containers and volumes are gone when the test has ended. */
export async function composeProject({
  profiles = [],
  services: more = {},
  env = {},
}: ComposeOptions): Promise<Project> {
  const name = `k2i${randomUUID().slice(0, 8)}`;
  const folder = mkdtempSync(join(tmpdir(), 'kafka2ipfix-compose-'));
  const count = profiles.includes('cluster') ? brokers.length : 1;
  const ports = await Promise.all(brokers.map(() => freePort('127.0.0.1')));
  const ofBrokers = Object.fromEntries(
    brokers.map(([service, inside], i) => [
      service,
      {
        ports: [`127.0.0.1:${ports[i]}:${inside}`],
        environment: {
          KAFKA_ADVERTISED_LISTENERS: `SERVICES://${service}:9092,MACHINE://localhost:${ports[i]}`,
        },
      },
    ]),
  );
  const own = Object.fromEntries(services.map((service) => [service, { image: ownImage }]));
  const override: Record<string, Record<string, unknown>> = { ...ofBrokers, ...own };
  for (const [service, settings] of Object.entries(more)) {
    override[service] = { ...override[service], ...settings };
  }
  const file = join(folder, 'override.yml');
  // `!override` and `!reset` are tags of Compose: lists and maps are replaced, not joined.
  const text = stringify({ services: override })
    .replaceAll(/^( +)(ports|logging):$/gm, '$1$2: !override')
    .replaceAll(/^( {2}(?:generator|stage|collector):)$/gm, '$1\n    build: !reset null');
  writeFileSync(file, text);
  const files = ['--file', join(root, 'docker-compose.yml'), '--file', file];
  const base = ['compose', '--project-name', name, ...files];
  const chosen = profiles.flatMap((profile) => ['--profile', profile]);
  const compose = (...args: string[]) => dockerWith(env, ...base, ...chosen, ...args);
  onTestFinished(async () => {
    await compose('down', '--volumes', '--timeout', '1');
    rmSync(folder, { recursive: true, force: true });
  });
  return {
    name,
    brokers: ports.slice(0, count).map((port) => `localhost:${port}`),
    compose,
    containers: async (service) =>
      (await compose('ps', '--quiet', service)).split('\n').filter(Boolean),
  };
}
