// One node of Apache Kafka as a JVM on loopback, with its own ports and its own temporary folder.
// Alone it is broker and controller; with `join` it is one more broker of another node's cluster.

import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { mkdtemp, open, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { freePort } from './free-port.ts';
import { propertiesText, type ServerProperties, throwawayProperties } from './kafka-properties.ts';
import { untilKafkaAnswers } from './kafka-ready.ts';

const execute = promisify(execFile);
const host = '127.0.0.1';
const stopTimeoutMs = 10_000;
const tailLines = 15;

interface KafkaNodeOptions {
  /** The folder with Kafka's jars. */
  jars: string;
  nodeId?: number;
  /** The first node of the cluster to become a broker of. */
  join?: Pick<KafkaNode, 'clusterId' | 'controller'>;
  /** Server properties over the built-in ones. */
  properties?: ServerProperties;
  /** Beside the plain one: by name, where it listens and what is spoken there. */
  listeners?: Readonly<Record<string, KafkaListener>>;
  /** Compiles for throughput, as a benchmark needs it; else for a quick start. */
  throughput?: boolean;
  /** Where the JVM writes an archive of its classes at its end. */
  classesTo?: string;
  /** For StorageTool, as `SCRAM-SHA-512=[name=alice,password=secret]`. */
  scram?: readonly string[];
}

interface KafkaListener {
  readonly address: string;
  readonly protocol: 'SSL' | 'SASL_SSL' | 'SASL_PLAINTEXT';
}

export interface KafkaNode {
  readonly broker: string;
  readonly controller: string;
  readonly clusterId: string;
  readonly pid: number;
  readonly stop: () => Promise<void>;
  /** Ends the server by this signal, and starts it again with the data it had. */
  readonly restart: (signal: 'SIGTERM' | 'SIGKILL') => Promise<void>;
}

class KafkaStartError extends Error {
  readonly code = 'KAFKA_START_FAILED';
  override readonly name = 'KafkaStartError';
}

export async function startKafkaNode(options: KafkaNodeOptions): Promise<KafkaNode> {
  const folder = await mkdtemp(join(tmpdir(), 'kafka2ipfix-kafka-'));
  const broker = `${host}:${await freePort(host)}`;
  const controller = options.join?.controller ?? `${host}:${await freePort(host)}`;
  const clusterId = options.join?.clusterId ?? newClusterId();
  const config = join(folder, 'server.properties');
  try {
    const properties = nodeProperties(options, folder, broker, controller);
    await writeFile(config, propertiesText(properties));
    const format = ['kafka.tools.StorageTool', 'format', '-t', clusterId, '-c', config];
    if (options.join === undefined) format.push('--standalone');
    for (const credentials of options.scram ?? []) format.push('--add-scram', credentials);
    await execute('java', [...javaOptions(options), ...format]);
    const serve = async () => {
      const child = await spawnServer(options, folder, config);
      const kept = keep(child, folder);
      await answers(child, broker, folder).catch(async (error: unknown) => {
        await kept.end('SIGTERM');
        throw error;
      });
      return kept;
    };
    let server = await serve();
    return {
      broker,
      controller,
      clusterId,
      get pid() {
        return server.pid;
      },
      stop: async () => {
        await server.end('SIGTERM');
        await rm(folder, { recursive: true, force: true });
      },
      restart: async (signal) => {
        await server.end(signal);
        server = await serve();
      },
    };
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    if (error instanceof KafkaStartError) throw error;
    throw new KafkaStartError(`Kafka did not start: ${tail(String(error))}`, { cause: error });
  }
}

function nodeProperties(
  options: KafkaNodeOptions,
  folder: string,
  broker: string,
  controller: string,
): ServerProperties {
  const alone = options.join === undefined;
  const more = Object.entries(options.listeners ?? {});
  const listeners = [
    `PLAINTEXT://${broker}`,
    ...(alone ? [`CONTROLLER://${controller}`] : []),
    ...more.map(([name, { address }]) => `${name}://${address}`),
  ];
  const protocols = [
    'PLAINTEXT:PLAINTEXT',
    'CONTROLLER:PLAINTEXT',
    ...more.map(([name, { protocol }]) => `${name}:${protocol}`),
  ];
  return {
    ...throwawayProperties,
    'process.roles': alone ? 'broker,controller' : 'broker',
    'node.id': String(options.nodeId ?? 1),
    listeners: listeners.join(','),
    'listener.security.protocol.map': protocols.join(','),
    'controller.listener.names': 'CONTROLLER',
    'controller.quorum.bootstrap.servers': controller,
    'log.dirs': join(folder, 'data'),
    ...options.properties,
  };
}

function javaOptions({ jars, throughput = false }: KafkaNodeOptions): string[] {
  const quiet = ['-Dlog4j2.level=OFF', '-Dorg.slf4j.simpleLogger.defaultLogLevel=warn'];
  const quick = throughput ? [] : ['-XX:TieredStopAtLevel=1'];
  const archive = archiveOf(jars);
  // One of another Java is ignored.
  const classes = existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`, '-Xlog:disable'] : [];
  return ['-Xmx512m', '-XX:+UseSerialGC', ...quick, ...classes, ...quiet, '-cp', join(jars, '*')];
}

/** Kafka's classes as a JVM has them once they are loaded: with it a server starts in half the time. */
const archiveOf = (jars: string): string => `${jars}.jsa`;

/** Makes the archive of classes once, by a server that ends in order. */
export async function archiveClasses(jars: string): Promise<void> {
  const archive = archiveOf(jars);
  if (existsSync(archive)) return;
  const classesTo = `${archive}.${process.pid}`;
  const node = await startKafkaNode({ jars, classesTo });
  await node.stop();
  if (existsSync(classesTo)) await rename(classesTo, archive);
}

// Kafka's Uuid in text; a leading dash would look like an option to its tools.
function newClusterId(): string {
  const id = randomBytes(16).toString('base64url');
  return id.startsWith('-') ? newClusterId() : id;
}

// A process group of its own: Ctrl-C is for us, and what we drain then still needs its broker.
async function spawnServer(
  options: KafkaNodeOptions,
  folder: string,
  config: string,
): Promise<ChildProcess> {
  const log = await open(join(folder, 'kafka.log'), 'w');
  try {
    const { classesTo } = options;
    const archiving = classesTo === undefined ? [] : [`-XX:ArchiveClassesAtExit=${classesTo}`];
    const child = spawn('java', [...archiving, ...javaOptions(options), 'kafka.Kafka', config], {
      cwd: folder,
      detached: true,
      stdio: ['ignore', log.fd, log.fd],
    });
    await once(child, 'spawn');
    return child;
  } finally {
    await log.close();
  }
}

interface Server {
  readonly pid: number;
  /** Sends the signal and waits for the end. */
  readonly end: (signal: NodeJS.Signals) => Promise<void>;
}

// Sees that the JVM and its folder go when this process does, and gives the orderly way to end it.
function keep(child: ChildProcess, folder: string): Server {
  const guard = spawnGuard(child.pid!, folder);
  const exited = new Promise<void>((resolve) => {
    child.once('exit', () => {
      // From here on the number may belong to another process.
      guard.kill('SIGKILL');
      resolve();
    });
  });
  const onExit = () => {
    child.kill('SIGKILL');
    rmSync(folder, { recursive: true, force: true });
  };
  process.once('exit', onExit);
  child.unref();
  const end = async (signal: NodeJS.Signals) => {
    child.ref();
    child.kill(signal);
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeoutMs);
    if (child.exitCode === null && child.signalCode === null) await exited;
    clearTimeout(timer);
    process.off('exit', onExit);
  };
  return { pid: child.pid!, end };
}

// No handler runs when this process is killed, but the kernel closes its pipes: a shell that waits
// at the other end of one then ends the JVM.
function spawnGuard(pid: number, folder: string): ChildProcess {
  const script = 'read -r _; kill -9 "$1"; sleep 1; rm -rf -- "$2"';
  const guard = spawn('/bin/sh', ['-c', script, 'sh', String(pid), folder], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  guard.on('error', () => undefined);
  guard.unref();
  if (guard.stdin instanceof Socket) guard.stdin.unref();
  return guard;
}

async function answers(child: ChildProcess, broker: string, folder: string): Promise<void> {
  const dead = new AbortController();
  const onExit = () => dead.abort(new Error('the JVM ended'));
  child.once('exit', onExit);
  try {
    await untilKafkaAnswers([broker], { member: broker, signal: dead.signal });
  } catch (error) {
    const log = await readFile(join(folder, 'kafka.log'), 'utf8');
    const why = error instanceof Error ? error.message : String(error);
    throw new KafkaStartError(`Kafka did not start: ${why}\n${tail(log)}`, { cause: error });
  } finally {
    child.off('exit', onExit);
  }
}

// The last lines but for stack frames, which would push the causes out.
function tail(text: string): string {
  const lines = text.split('\n').filter((line) => line !== '' && !/^\s+(at|\.\.\.) /.test(line));
  return lines.slice(-tailLines).join('\n');
}
