// A network of a test's own, and the containers in it. All of it is gone when the test has ended.

import { randomInt, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { propertiesEnvironment } from '../../../demo/broker/kafka-properties.ts';
import { kafkaImage } from '../../../demo/broker/kafka-container.ts';
import { untilKafkaAnswers } from '../../../demo/broker/kafka-ready.ts';
import { docker, dockerSaid, ownImage } from './engine.ts';

/** What every container of this program's image gets: a user without rights, and nothing to write to. */
export const confined = [
  '--read-only',
  ...['--cap-drop', 'ALL', '--security-opt', 'no-new-privileges'],
];

export interface Network {
  readonly name: string;
  /** This machine, as the containers see it. */
  readonly gateway: string;
  /** An address of the network that is not used by itself. */
  address(host: number): string;
}

export async function makeNetwork(): Promise<Network> {
  const name = `kafka2ipfix-test-${randomUUID().slice(0, 8)}`;
  for (let tries = 0; ; tries += 1) {
    const prefix = `10.${randomInt(200, 255)}.${randomInt(1, 255)}`;
    try {
      await docker('network', 'create', '--subnet', `${prefix}.0/24`, name);
      onTestFinished(async () => {
        await docker('network', 'rm', name);
      });
      return { name, gateway: `${prefix}.1`, address: (host) => `${prefix}.${host}` };
    } catch (error) {
      // Another network has it.
      if (tries > 20) throw error;
    }
  }
}

export interface Container {
  readonly id: string;
  /** A field of `docker inspect`, by a Go template. */
  inspect(template: string): Promise<string>;
  /** Standard output and standard error. */
  logs(): Promise<string>;
  /** Resolves when the logs have it. Rejects when the container ends before, or after a minute. */
  untilLogged(text: string): Promise<void>;
}

export async function startContainer(...args: string[]): Promise<Container> {
  const id = await docker('run', '--detach', ...args);
  onTestFinished(async () => {
    await docker('rm', '--force', '--volumes', id);
  });
  const inspect = (template: string) => docker('inspect', '--format', template, id);
  const logs = () => dockerSaid('logs', id);
  return {
    ...{ id, inspect, logs },
    async untilLogged(text) {
      const giveUpAt = performance.now() + 60_000;
      while (!(await logs()).includes(text)) {
        const isOver = (await inspect('{{.State.Status}}')) === 'exited';
        if (isOver || performance.now() > giveUpAt) {
          throw new Error(`not logged: ${text}\n${await logs()}`);
        }
        await sleep(100);
      }
    },
  };
}

/** A broker at an address that this machine and the containers have in common. */
export async function startKafkaIn(network: Network): Promise<string> {
  const address = network.address(10);
  const broker = `${address}:9092`;
  const protocols = ['CLIENTS', 'CONTROLLER'].map((name) => `${name}:PLAINTEXT`);
  const environment = propertiesEnvironment({
    'process.roles': 'broker,controller',
    'node.id': '1',
    listeners: 'CLIENTS://:9092,CONTROLLER://localhost:9093',
    'advertised.listeners': `CLIENTS://${broker}`,
    'listener.security.protocol.map': protocols.join(','),
    'inter.broker.listener.name': 'CLIENTS',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': '1@localhost:9093',
    'auto.create.topics.enable': 'false',
  });
  const env = Object.entries(environment).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  await startContainer('--network', network.name, '--ip', address, ...env, kafkaImage);
  await untilKafkaAnswers([broker]);
  return broker;
}

/** The stage in a container, with these settings and more arguments of `docker run`. */
export function startStageIn(
  network: Network,
  settings: Readonly<Record<string, string>>,
  ...args: string[]
): Promise<Container> {
  const env = Object.entries(settings).flatMap(([name, value]) => ['--env', `${name}=${value}`]);
  return startContainer('--network', network.name, ...confined, ...env, ...args, ownImage);
}
