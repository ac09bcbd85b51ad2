// Kafka's own command-line tools, as a second opinion: they run on the jars of the broker's folder.

import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import { kafkaJars } from '../../../demo/broker/kafka-jars.ts';

async function run(mainClass: string, args: readonly string[], input = ''): Promise<string> {
  const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
  const child = spawn('java', [
    '-Xmx256m',
    '-XX:TieredStopAtLevel=1',
    '-cp',
    join(jars, '*'),
    mainClass,
    ...args,
  ]);
  child.stdin.end(input);
  const [out, problems] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    new Promise((resolve) => child.once('close', resolve)),
  ]);
  if (child.exitCode !== 0)
    throw new Error(`${mainClass} ended with ${child.exitCode}: ${problems}`);
  return out;
}

/** Produces each line as a message's value, under a codec. */
export async function consoleProduce(
  brokers: readonly string[],
  topic: string,
  codec: string,
  lines: readonly string[],
  properties: Readonly<Record<string, number>> = {},
): Promise<void> {
  const args = ['--bootstrap-server', brokers.join(), '--topic', topic];
  const tool = 'org.apache.kafka.tools.ConsoleProducer';
  const said = Object.entries(properties).flatMap(([name, value]) => [
    '--command-property',
    `${name}=${value}`,
  ]);
  await run(tool, [...args, '--compression-codec', codec, ...said], `${lines.join('\n')}\n`);
}

/** What Kafka's own consumer reads of the topic, committed alone: partition, offset and value. */
export async function consoleConsume(
  brokers: readonly string[],
  topic: string,
): Promise<{ partition: number; offset: number; value: string }[]> {
  const printed = await run('org.apache.kafka.tools.consumer.ConsoleConsumer', [
    ...['--bootstrap-server', brokers.join(), '--topic', topic, '--from-beginning'],
    ...['--isolation-level', 'read_committed', '--timeout-ms', '4000'],
    ...['--formatter-property', 'print.partition=true'],
    ...['--formatter-property', 'print.offset=true'],
  ]);
  return printed
    .split('\n')
    .filter((line) => line.startsWith('Partition:'))
    .map((line) => {
      const [partition = '', offset = '', value = ''] = line.split('\t');
      return { partition: numberIn(partition), offset: numberIn(offset), value };
    });
}

const numberIn = (text: string): number => Number(text.replace(/^\w+:/, ''));

/** A member of the group by the protocol of KIP-848, which commits nothing. Resolves once it has joined. */
export async function newProtocolMember(
  brokers: readonly string[],
  topic: string,
  group: string,
): Promise<{ stop: () => Promise<void> }> {
  const jars = await kafkaJars(process.env['XDG_CACHE_HOME'] ?? join(homedir(), '.cache'));
  const child = spawn('java', [
    ...['-Xmx256m', '-XX:TieredStopAtLevel=1'],
    ...['-cp', join(jars, '*'), 'org.apache.kafka.tools.consumer.ConsoleConsumer'],
    ...['--bootstrap-server', brokers.join(), '--topic', topic, '--group', group],
    ...['--command-property', 'group.protocol=consumer'],
    ...['--command-property', 'enable.auto.commit=false'],
  ]);
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()));
  const stop = async () => {
    child.kill('SIGKILL');
    await ended;
  };
  const kafka = new kafkajs.Kafka({
    ...{ clientId: 'new-protocol', brokers: [...brokers], logLevel: kafkajs.logLevel.NOTHING },
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    for (let tries = 0; tries < 150; tries += 1) {
      const { groups } = await admin.listGroups();
      if (groups.some(({ groupId }) => groupId === group)) return { stop };
      await sleep(200);
    }
  } finally {
    await admin.disconnect();
  }
  await stop();
  throw new Error(`no member by the new protocol in ${group}`);
}
