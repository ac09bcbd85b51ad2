// docker-compose.yml against the code: what it sets is known, what it calls exists, and its parts
// name each other rightly. Nothing is started here.

import { existsSync, readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { endpointFrom } from '../../src/config/text-values.ts';
import { registerCollect } from '../../src/commands/collect.ts';
import { registerGenerate } from '../../src/commands/generate.ts';
import { readConfig } from '../../src/config/config.ts';
import { kafkaImage } from '../../demo/broker/kafka-container.ts';
import { settings } from '../../src/config/settings.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: string;
  readonly profiles?: readonly string[];
  readonly ports?: readonly string[];
  readonly volumes?: readonly string[];
  readonly healthcheck?: { readonly disable?: boolean };
  readonly environment?: Readonly<Record<string, string>>;
  readonly stop_grace_period?: string;
}

const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
const { topic, generator, stage, collector } = services as Record<
  'topic' | 'generator' | 'stage' | 'collector',
  Service
>;

const wordsOf = ({ command = '' }: Service): string[] => command.split(/\s+/);

/** The value after an option on a service's command line. */
function valueAfter(option: string, service: Service): string | undefined {
  const words = wordsOf(service);
  const at = words.indexOf(option);
  return at < 0 ? undefined : words[at + 1];
}

/** Reads a command line as the program would, without doing what it says. */
function parseCommandLine(words: readonly string[]): void {
  const program = new Command().exitOverride().configureOutput({ writeErr: () => undefined });
  registerGenerate(program, {});
  registerCollect(program);
  for (const command of program.commands) {
    command.exitOverride().action(() => undefined);
  }
  program.parse(words, { from: 'user' });
}

describe('the stage of docker-compose.yml', () => {
  const environment = stage.environment ?? {};

  test('has only variables that are settings', () => {
    const unknown = Object.keys(environment).filter((name) => !(name in settings));
    expect(unknown).toEqual([]);
  });

  test('has a configuration without faults and warnings', () => {
    const { config, faults, warnings } = readConfig(environment);
    expect({ faults, warnings }).toEqual({ faults: [], warnings: [] });
    expect(config).toBeDefined();
  });

  test('is given more time to stop than it takes to drain', () => {
    const graceS = Number(/^(\d+)s$/.exec(stage.stop_grace_period ?? '')?.[1]);
    const drainMs = readConfig(environment).config?.SHUTDOWN_TIMEOUT ?? NaN;
    expect(graceS * 1000).toBeGreaterThan(drainMs);
  });

  test('reads the topic that is created and filled, from the broker that is started', () => {
    const { config } = readConfig(environment);
    const [broker] = config?.KAFKA_BROKERS ?? [];
    expect(broker?.split(':')[0]).toBe('kafka');
    for (const service of [topic, generator]) {
      expect(valueAfter('--topic', service)).toBe(config?.KAFKA_TOPICS?.join());
    }
    expect(valueAfter('--bootstrap-server', topic)).toBe(broker);
    expect(valueAfter('--brokers', generator)).toBe(broker);
  });

  test('sends to the collector, at the port where that one listens', () => {
    const { config } = readConfig(environment);
    const port = endpointFrom(valueAfter('--listen', collector) ?? '')?.port;
    expect(config?.COLLECTORS).toEqual({ host: 'collector', port });
  });
});

describe('the other services of docker-compose.yml', () => {
  test.each([
    ['generator', generator],
    ['collector', collector],
  ])('%s has a command line that the program understands', (_name, service) => {
    expect(() => parseCommandLine(wordsOf(service))).not.toThrow();
  });

  test('a command line with an option that does not exist would be found', () => {
    expect(() => parseCommandLine(['collect', '--lisen', '0.0.0.0:4739'])).toThrow(
      "unknown option '--lisen'",
    );
  });

  test('Kafka is the release that the tests run with', () => {
    const images = ['kafka', 'kafka-2', 'kafka-3', 'topic'].map((name) => services[name]!.image);
    expect(new Set(images)).toEqual(new Set([kafkaImage]));
  });

  test('no two of them want the same port of this machine, and none but this machine reaches one', () => {
    const ports = Object.values(services).flatMap(({ ports = [] }) => ports);
    const own = ports.flatMap((port) => {
      // A range is for the containers of a service that is scaled.
      const [, first, last = first] = /^127\.0\.0\.1:(\d+)(?:-(\d+))?:\d+$/.exec(port) ?? [];
      expect(first, port).toBeDefined();
      return Array.from({ length: Number(last) - Number(first) + 1 }, (_, i) => Number(first) + i);
    });
    expect(new Set(own).size).toBe(own.length);
  });

  test('what is not there without a profile is added by one that the first lines name', () => {
    const head = text.slice(0, text.indexOf('\nname:'));
    const profiles = Object.values(services).flatMap(({ profiles = [] }) => profiles);
    expect([...new Set(profiles)].sort()).toEqual(['cluster', 'monitoring', 'registry']);
    for (const profile of profiles) expect(head).toContain(`\`${profile}\``);
  });

  test('brokers differ in id, and all name the same controller, which the first is', () => {
    const brokers = ['kafka', 'kafka-2', 'kafka-3'].map((name) => services[name]!.environment!);
    expect(brokers.map((broker) => broker['KAFKA_NODE_ID'])).toEqual(['1', '2', '3']);
    expect(new Set(brokers.map((broker) => broker['KAFKA_CONTROLLER_QUORUM_VOTERS']))).toEqual(
      new Set(['1@kafka:9093']),
    );
    expect(brokers[0]!['KAFKA_LISTENERS']).toContain('CONTROLLER://:9093');
  });

  test('files of the checkout that are mounted are there', () => {
    const files = Object.values(services).flatMap(({ volumes = [] }) => volumes);
    const missing = files.filter(
      (volume) => !existsSync(new URL(`../../${volume.split(':')[0]!}`, import.meta.url)),
    );
    expect(files.length).toBeGreaterThan(0);
    expect(missing).toEqual([]);
  });

  test('Prometheus asks the stage where it listens', () => {
    const file = new URL('../../deploy/prometheus/prometheus.yml', import.meta.url);
    const { scrape_configs: jobs } = parse(readFileSync(file, 'utf8')) as {
      scrape_configs: { static_configs: { targets: string[] }[] }[];
    };
    const [, port] = stage.environment!['HTTP_LISTEN']!.split(':');
    expect(jobs.flatMap((job) => job.static_configs).flatMap(({ targets }) => targets)).toEqual([
      `stage:${port}`,
    ]);
  });

  test("only the stage is asked for its health as the image does: the others' commands have none", () => {
    expect([generator, collector].map(({ healthcheck }) => healthcheck?.disable)).toEqual([
      true,
      true,
    ]);
    expect(stage.healthcheck).toBeUndefined();
  });

  test('what is ours comes from one image that is built here', () => {
    for (const { build, image } of [generator, stage, collector]) {
      expect({ build, image }).toEqual({ build: '.', image: 'kafka2ipfix:local' });
    }
  });
});
