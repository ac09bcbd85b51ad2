// The members of a group send each other their Observation Domains when they join it: two with the
// same one cannot be distinguished by a collector that sees them at one address. Only the group's leader receives it.

import type { Logger } from 'pino';
import { logEvent } from '../log/log-events.ts';

interface Told {
  readonly observationDomainId: number;
}

export class SharedDomains {
  /** Members found with a domain that another one had sent before, at all joins together. */
  conflicts = 0;
  /** What this member sends. */
  readonly userData: string;
  readonly #log: Logger;

  constructor(observationDomainId: number, log: Logger) {
    this.userData = JSON.stringify({ observationDomainId } satisfies Told);
    this.#log = log;
  }

  /** Takes what all members sent, this one included. */
  check(userData: readonly string[]): void {
    const seen = new Set<number>();
    const shared = new Set<number>();
    for (const domain of userData.map(domainIn)) {
      if (domain === undefined) continue;
      if (seen.has(domain)) {
        this.conflicts += 1;
        shared.add(domain);
      }
      seen.add(domain);
    }
    if (shared.size === 0) return;
    logEvent(this.#log, 'OBSERVATION_DOMAIN_SHARED', { observationDomains: [...shared] });
  }
}

/** A member of another version, or another program, sends something else or nothing. */
function domainIn(userData: string): number | undefined {
  try {
    const told = JSON.parse(userData) as Partial<Told> | null;
    return typeof told?.observationDomainId === 'number' ? told.observationDomainId : undefined;
  } catch {
    return undefined;
  }
}
