// Apache Kafka in a container, where an engine answers. testcontainers' own Kafka module can't run
// the Apache image, and it is only there in a checkout: hence GenericContainer, imported late.

import { freePort } from './free-port.ts';
import {
  kafkaVersion,
  propertiesEnvironment,
  type ServerProperties,
  throwawayProperties,
} from './kafka-properties.ts';
import { readyTimeoutMs, untilKafkaAnswers } from './kafka-ready.ts';

export const kafkaImage = `apache/kafka:${kafkaVersion}`;
const clientPort = 9092;

interface KafkaContainer {
  readonly broker: string;
  readonly stop: () => Promise<void>;
}

/** Rejects at once where testcontainers is not installed or no container engine answers. */
export async function startKafkaContainer(options: {
  properties?: ServerProperties;
  log?: (line: string) => void;
}): Promise<KafkaContainer> {
  const { GenericContainer, getContainerRuntimeClient, Wait } = await import('testcontainers');
  const { info } = await getContainerRuntimeClient();
  // Clients come back to the advertised address, so it must be known before the container starts.
  const port = await freePort('0.0.0.0');
  const broker = `${info.containerRuntime.host}:${port}`;
  options.log?.(`starting ${kafkaImage}`);
  const container = await new GenericContainer(kafkaImage)
    .withExposedPorts({ container: clientPort, host: port })
    .withEnvironment({
      ...propertiesEnvironment(containerProperties(broker, options.properties)),
      KAFKA_HEAP_OPTS: '-Xmx512m',
    })
    .withWaitStrategy(Wait.forLogMessage('Kafka Server started'))
    .withStartupTimeout(readyTimeoutMs)
    .start();
  const stop = async () => {
    await container.stop();
  };
  await untilKafkaAnswers([broker], { member: broker }).catch(async (error: unknown) => {
    await stop();
    throw error;
  });
  return { broker, stop };
}

// The image formats its storage without --standalone, so its voters are named the older way. The
// broker talks to itself by a listener of its own: the advertised one is the host's.
function containerProperties(broker: string, overrides: ServerProperties = {}): ServerProperties {
  const protocols = ['CLIENTS', 'BROKER', 'CONTROLLER'].map((name) => `${name}:PLAINTEXT`);
  return {
    ...throwawayProperties,
    'process.roles': 'broker,controller',
    'node.id': '1',
    listeners: `CLIENTS://:${clientPort},BROKER://localhost:9094,CONTROLLER://localhost:9093`,
    'advertised.listeners': `CLIENTS://${broker},BROKER://localhost:9094`,
    'listener.security.protocol.map': protocols.join(','),
    'inter.broker.listener.name': 'BROKER',
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.voters': '1@localhost:9093',
    ...overrides,
  };
}
