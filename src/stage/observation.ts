// What can be seen of a run from outside: the Workers' threads report what they do, and HTTP_LISTEN
// serves it. Through it the main thread also has them flush.

import { hostname } from 'node:os';
import { MessageChannel, type MessagePort } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { collectorText, endpointText } from '../endpoint.ts';
import { History, sampleEveryMs } from '../http/history.ts';
import { type ProcessFacts, ProcessView } from '../http/process-view.ts';
import { routesOf } from '../http/routes.ts';
import { type HttpServer, serve } from '../http/server.ts';
import { statsOf } from '../http/stats.ts';
import { standardError } from '../log/log.ts';
import { version } from '../version.ts';
import type { WorkerSnapshot } from '../http/worker-snapshot.ts';
import type { Asked } from './worker-telling.ts';

export class Observation {
  /** One for each Worker's thread. */
  readonly watchers: readonly MessagePort[];
  readonly view: ProcessView;
  readonly #ports: readonly MessagePort[];
  #server: HttpServer | undefined;
  #sampling: NodeJS.Timeout | undefined;

  private constructor(config: Config) {
    const channels = Array.from({ length: config.WORKERS }, () => new MessageChannel());
    this.watchers = channels.map(({ port1 }) => port1);
    this.#ports = channels.map(({ port2 }) => port2);
    this.view = new ProcessView({
      facts: factsOf(config),
      ask: () => this.#ask('snapshot'),
      logLinesDropped: () => standardError.room.dropped,
    });
    for (const port of this.#ports) {
      port.on('message', (snapshot: WorkerSnapshot) => this.view.note(snapshot));
    }
  }

  /** Rejects with ConfigError where HTTP_LISTEN cannot be listened on. */
  static async begin(config: Config, log: Logger): Promise<Observation> {
    const observation = new Observation(config);
    try {
      await observation.#serve(config, log);
      return observation;
    } catch (error) {
      observation.close();
      throw error;
    }
  }

  /** Every Worker's open Frames leave now. */
  flush(): void {
    this.#ask('flush');
  }

  close(): void {
    clearInterval(this.#sampling);
    this.#server?.close();
    for (const port of this.#ports) port.close();
  }

  async #serve({ HTTP_LISTEN: listen, HTTP_ALLOWED_HOSTS }: Config, log: Logger): Promise<void> {
    if (listen === 'off') return;
    const history = new History();
    const routes = routesOf(this.view, history);
    this.#server = await serve(listen, routes, { allowedHosts: HTTP_ALLOWED_HOSTS });
    this.#sampling = setInterval(() => history.note(statsOf(this.view)), sampleEveryMs).unref();
    log.info({ url: `http://${endpointText(this.#server)}/` }, 'health, metrics and status page');
  }

  #ask(asked: Asked): void {
    for (const port of this.#ports) port.postMessage(asked);
  }
}

const factsOf = (config: Config): ProcessFacts => ({
  version,
  host: hostname(),
  workerCount: config.WORKERS,
  collector: collectorText(config.COLLECTORS),
  kafka:
    config.INPUT_FILE === undefined
      ? {
          brokers: config.KAFKA_BROKERS ?? [],
          topics: config.KAFKA_TOPICS ?? [],
          group: config.KAFKA_GROUP_ID ?? '',
        }
      : undefined,
  input: config.INPUT_FILE,
});
