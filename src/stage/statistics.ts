// The process's statistics, sent only by Worker 0: the other Workers' figures come to it through
// the main thread, once a second and when they end.

import type { Logger } from 'pino';
import { systemClock } from '../clock.ts';
import { sessionSettings } from '../config/groups.ts';
import type { Figures } from '../pipeline/options/statistics.ts';
import { noDomain, StatisticsSession } from '../pipeline/options/statistics-session.ts';
import type { Worker } from '../pipeline/worker.ts';
import { senderFor } from './sender-for.ts';
import type { FiguresMessage, WorkerAssignment } from './thread-messages.ts';

const toldEveryMs = 1_000;

export interface Statistics {
  note(figures: Figures): void;
  /** Tells them for the last time. */
  end(): Promise<void>;
}

/** Begins to send what the settings ask for; `tell` sends a message to the main thread. */
export async function startStatistics(
  assignment: WorkerAssignment,
  worker: Worker,
  tell: (message: FiguresMessage) => void,
  log: Logger,
): Promise<Statistics | undefined> {
  const { config, index } = assignment;
  if (config.EXPORT_STATISTICS === undefined) return undefined;
  if (index === 0) {
    const session = sessionOf(assignment, worker, log);
    await session.start();
    return session;
  }
  const tellFigures = () => tell({ kind: 'figures', figures: worker.figures });
  tellFigures();
  const timer = setInterval(tellFigures, toldEveryMs).unref();
  return {
    note: () => undefined,
    end: () => {
      clearInterval(timer);
      tellFigures();
      return Promise.resolve();
    },
  };
}

function sessionOf({ config, plan }: WorkerAssignment, worker: Worker, log: Logger) {
  const clock = systemClock();
  const place = { index: config.WORKERS, observationDomainId: noDomain, clock, log };
  return new StatisticsSession({
    ...sessionSettings(config),
    kinds: config.EXPORT_STATISTICS ?? [],
    intervalMs: config.OPTIONS_REFRESH_INTERVAL,
    // Operators keep these apart where processes share an address: so it names one of them.
    exportingProcessId: plan.observationDomainId,
    own: () => worker.figures,
    sender: senderFor(config, plan, place),
    clock,
    messageOctetsMax: plan.messageOctetsMax,
    log: log.child({ session: 'statistics' }),
  });
}
