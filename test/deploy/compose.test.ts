// docker-compose.yml against the code: what it sets is known, what it calls exists, and its parts
// name each other rightly. Nothing is started here.

import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseListen } from '../../src/commands/collect-options.ts';
import { registerCollect } from '../../src/commands/collect.ts';
import { registerGenerate } from '../../src/commands/generate.ts';
import { readConfig } from '../../src/config.ts';
import { kafkaImage } from '../../src/broker/kafka-container.ts';
import { settings } from '../../src/settings.ts';

interface Service {
  readonly image: string;
  readonly build?: string;
  readonly command?: string;
  readonly environment?: Readonly<Record<string, string>>;
  readonly stop_grace_period?: string;
}

const text = readFileSync(new URL('../../docker-compose.yml', import.meta.url), 'utf8');
const { services } = parse(text, { merge: true }) as { services: Record<string, Service> };
const { kafka, topic, generator, stage, collector } = services as Record<
  'kafka' | 'topic' | 'generator' | 'stage' | 'collector',
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
    const { port } = parseListen(valueAfter('--listen', collector) ?? '');
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
    expect([kafka.image, topic.image]).toEqual([kafkaImage, kafkaImage]);
  });

  test('what is ours comes from one image that is built here', () => {
    for (const { build, image } of [generator, stage, collector]) {
      expect({ build, image }).toEqual({ build: '.', image: 'kafka2ipfix:local' });
    }
  });
});
