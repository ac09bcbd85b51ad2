// The main thread of a run: starts a thread for each Worker, passes signals and messages between them, and
// ends when they have ended.

import { hostname } from 'node:os';
import { extname } from 'node:path';
import { Worker as Thread } from 'node:worker_threads';
import type { Logger } from 'pino';
import type { Config } from '../config/config.ts';
import { mappingsOf, type Preparation } from '../config/preparation.ts';
import { collectorText } from '../endpoint.ts';
import { exitCode } from '../exit-code.ts';
import { createLog, standardError } from '../log/log.ts';
import { logEvent } from '../log/log-events.ts';
import { routeTo } from '../pipeline/sending/path-mtu.ts';
import { LiveAccounts, logAccount } from './account-log.ts';
import { Observation } from './observation.ts';
import { checkedPlan } from './checked-plan.ts';
import { type Plan, templatesKnown } from './plan.ts';
import { StatusLog } from './status-log.ts';
import { version } from '../version.ts';
import type { Ending, FromWorker, ToWorker, WorkerAssignment } from './thread-messages.ts';

/** Resolves to the exit code, when all Workers' threads have ended. Rejects with ConfigError. */
export async function runStage(preparation: Preparation): Promise<number> {
  const { config, files, topics } = preparation;
  const log = createLog({ level: config.LOG_LEVEL, format: config.LOG_FORMAT });
  for (const { where, problem } of preparation.warnings) {
    logEvent(log, 'SETTING_QUESTIONABLE', { setting: where, problem });
  }
  const { COLLECTORS: collector } = config;
  const route = 'file' in collector ? undefined : await routeTo(collector.host, collector.port);
  const plan = await checkedPlan(config, mappingsOf(topics), route);
  const observation = await Observation.begin(config, log);
  const { shared: logRoom } = standardError.room;
  const threads = observation.watchers.map(
    (watcher, index) =>
      new Thread(workerFile, {
        workerData: { config, plan, files, index, watcher, logRoom } satisfies WorkerAssignment,
        transferList: [watcher],
        // Next to nothing is allocated for an event: V8 would take what it may without need.
        resourceLimits: { maxYoungGenerationSizeMb },
      }),
  );
  const accounts = new LiveAccounts(threads, log);
  const stopThreads = stopper(threads, accounts, config, log);
  const stop = (reason: string): void => {
    observation.view.isDraining = true;
    stopThreads(reason);
  };
  // SIGHUP: the terminal is gone. What is in flight is not.
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP']) process.on(signal, stop);
  process.on('SIGUSR2', () => {
    log.info('SIGUSR2: sending all open Messages');
    observation.flush();
  });
  relayFigures(threads);
  writeLines(threads);
  process.on('SIGUSR1', () => void accounts.logNow(accountMaxMs, 'account'));
  logStart(log, preparation, plan);
  const status = new StatusLog({
    view: observation.view,
    log,
    intervalMs: statusIntervalMs(config),
  });
  const logStop = stopLogger(log);
  const endings = await Promise.all(
    threads.map(async (thread, index) => {
      const ending = await endingOf(thread, index, log);
      logStop(ending);
      observation.view.ended(index);
      // A member that ends by a fault takes the process with it; the others drain first.
      if (ending.code !== exitCode.ok) stop('a Worker ended');
      return ending;
    }),
  );
  status.close();
  observation.close();
  const code = Math.max(...endings.map((ending) => ending.code));
  logAccount(log, 'ended', endings, { code });
  return code;
}

const statusIntervalMs = ({ LOG_STATUS_INTERVAL: interval }: Config): number | undefined =>
  interval === 'off' ? undefined : interval;

/** What stops several Workers is logged once. */
function stopLogger(log: Logger): (ending: Ending) => void {
  const logged = new Set<string>();
  return ({ error: err }) => {
    if (!err || logged.has(err.message)) return;
    logged.add(err.message);
    logEvent(log, 'PIPELINE_STOPPED', { err });
  };
}

/** Of a Worker's thread. */
export const maxYoungGenerationSizeMb = 6;
const workerFile = new URL(`./worker-thread${extname(import.meta.filename)}`, import.meta.url);

/** A Worker that hangs gives no account, and is not waited for. */
const accountMaxMs = 2_000;

/** One wish to end can come as two signals: to the process and to its group. */
const sameWishMs = 500;

function stopper(threads: readonly Thread[], accounts: LiveAccounts, config: Config, log: Logger) {
  let stoppingSinceMs: number | undefined;
  return (reason: string): void => {
    if (stoppingSinceMs !== undefined) {
      const sameWish = performance.now() - stoppingSinceMs < sameWishMs;
      if (!reason.startsWith('SIG') || sameWish) return;
      logEvent(log, 'SECOND_SIGNAL', {});
      process.exit(exitCode.temporary);
    }
    stoppingSinceMs = performance.now();
    log.info({ reason, timeoutMs: config.SHUTDOWN_TIMEOUT }, 'draining');
    for (const thread of threads) thread.postMessage({ kind: 'stop' } satisfies ToWorker);
    setTimeout(() => {
      logEvent(log, 'SHUTDOWN_TIMEOUT_EXCEEDED', {});
      const code = exitCode.temporary;
      void accounts
        .logWithin(accountMaxMs, 'ended', { code })
        .then(() => standardError.end())
        .then(() => process.exit(code));
    }, config.SHUTDOWN_TIMEOUT).unref();
  };
}

/** Worker 0 tells the statistics of them all. */
function relayFigures([first, ...others]: readonly Thread[]): void {
  for (const thread of others) {
    thread.on('message', (message: FromWorker) => {
      if (message.kind === 'figures') first?.postMessage(message satisfies ToWorker);
    });
  }
}

function writeLines(threads: readonly Thread[]): void {
  for (const thread of threads) {
    thread.on('message', (message: FromWorker) => {
      if (message.kind === 'log') standardError.accept(message.line);
    });
  }
}

/** How a thread ended, be it by its own word or without one. */
function endingOf(thread: Thread, index: number, log: Logger): Promise<Ending> {
  return new Promise((resolve) => {
    let ending: Ending = {
      kind: 'ended',
      code: exitCode.software,
      account: undefined,
      counts: undefined,
    };
    thread.on('message', (message: FromWorker) => {
      if (message.kind === 'ended') ending = message;
    });
    thread.on('error', (error) => {
      logEvent(log, 'WORKER_FAILED', { err: error, worker: index });
      ending = { ...ending, code: exitCode.software };
    });
    thread.on('exit', () => {
      resolve(ending);
    });
  });
}

function logStart(log: Logger, { config, topics }: Preparation, plan: Plan): void {
  const domain = plan.observationDomainId;
  log.info(
    {
      ...{ version, node: process.version, host: hostname() },
      ...(config.INPUT_FILE === undefined
        ? {
            brokers: config.KAFKA_BROKERS,
            topics: config.KAFKA_TOPICS,
            group: config.KAFKA_GROUP_ID,
            autoOffsetReset: config.KAFKA_AUTO_OFFSET_RESET,
          }
        : { input: config.INPUT_FILE }),
      collector: collectorText(config.COLLECTORS),
      address: plan.route?.address,
      addresses: plan.addresses,
      pathMtu: plan.pathMtu,
      messageOctetsMax: plan.messageOctetsMax,
      workers: config.WORKERS,
      observationDomains: [domain, domain + config.WORKERS - 1],
      templates: templatesKnown(mappingsOf(topics)),
      elements: topics.map(({ known }) => known?.mapping.fields.length ?? null),
    },
    'starting',
  );
}
