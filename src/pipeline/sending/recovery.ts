// What is done while the collector refuses: Template Messages probe, backing off, until two of them
// were not refused; each time the name is resolved again.

import { Pauses } from '../../pauses.ts';
import { logEvent } from '../../log/log-events.ts';
import type { Clock } from '../../clock.ts';
import type { Sender } from './sender.ts';
import type { Session, SessionOptions } from './session.ts';

const backoffMinMs = 100;
const backoffMaxMs = 5_000;
/**
 * Linux answers a host with one "port unreachable" a second (icmp_ratelimit), after a few at once: of
 * two probes closer together the second may be swallowed in silence.
 */
const answersEveryMs = 1_100;

export class Recovery {
  /** The code of the refusal that is being probed for. */
  refusedBy: string | undefined;
  readonly refusals = new Pauses();
  readonly #options: SessionOptions & { readonly confirmWindowMs: number };
  readonly #session: Session;
  /** Before the next try with a collector that refuses: the longer, the less it has settled. */
  #backoffMs = backoffMinMs;

  constructor(session: Session, options: SessionOptions & { readonly confirmWindowMs: number }) {
    this.#session = session;
    this.#options = options;
  }

  /** Something was settled: the next refusal is another matter. */
  restore(): void {
    this.#backoffMs = backoffMinMs;
  }

  /** Until the collector is back, or the session is closed. `sequenceNumber` as of what comes next. */
  async untilBack(code: string, sequenceNumber: number): Promise<void> {
    const { sender, clock, log, confirmWindowMs } = this.#options;
    const session = this.#session;
    this.refusedBy = code;
    this.refusals.begin(clock.monotonicMs());
    logEvent(log, 'COLLECTOR_REFUSES', {
      error: code,
      collector: sender.peer,
      ...sender.seen,
    });
    const tried = new Set([sender.seen?.address]);
    for (let quiet = 0; quiet < 2 && !session.closed;) {
      if (session.refusal !== undefined) {
        quiet = 0;
        await session.pause(this.#backoffMs);
        this.#backoffMs = Math.min(this.#backoffMs * 2, backoffMaxMs);
        session.forgive();
        await this.resolveAgain();
        this.#sayWhere(tried);
        // What keeps all it took has nothing to be probed with: a new session begins with the data.
        if (sender.keepsTemplates) break;
      }
      await session.refreshTemplates(sequenceNumber);
      await session.pause(
        quiet === 0 ? Math.max(confirmWindowMs, answersEveryMs) : confirmWindowMs,
      );
      await looked(this.#options);
      if (session.isOpen) quiet += 1;
    }
    this.refusedBy = undefined;
    this.refusals.end(clock.monotonicMs());
    if (session.isOpen)
      log.info({ collector: sender.peer, ...sender.seen }, 'the collector is back; sending again');
  }

  /** Each address once in an outage: with several, they take turns until one of them is back. */
  #sayWhere(tried: Set<string | undefined>): void {
    const { sender, log } = this.#options;
    const { seen, peer: collector } = sender;
    if (tried.has(seen?.address)) return;
    tried.add(seen?.address);
    log.info({ collector, ...seen }, 'probing at another address of the collector');
  }

  /**
   * A Message was too long for a router on the path. Those that were in flight with it are refused
   * within a window, too, and then once for all; the collector itself is there.
   */
  async untilShorter(sequenceNumber: number): Promise<void> {
    const session = this.#session;
    const { sender, log, confirmWindowMs } = this.#options;
    logEvent(log, 'MESSAGE_TOO_LONG_FOR_PATH', { collector: sender.peer });
    await session.pause(confirmWindowMs);
    await looked(this.#options);
    session.forgive();
    await session.refreshTemplates(sequenceNumber);
  }

  /** A queue of this host dropped Messages, perhaps Templates among them; the collector is there. */
  async afterDrops(sequenceNumber: number): Promise<void> {
    this.#session.forgive();
    await this.#session.refreshTemplates(sequenceNumber);
  }

  /** Where that fails, the last address is kept: false. */
  async resolveAgain(): Promise<boolean> {
    const { sender, log } = this.#options;
    try {
      await this.#session.connect();
      return true;
    } catch (error) {
      logEvent(log, 'COLLECTOR_UNRESOLVED', { err: error, collector: sender.peer });
      return false;
    }
  }
}

/** Resolves when a refusal that the socket holds by now has been reported. */
export const looked = ({ sender, clock }: { sender: Sender; clock: Clock }): Promise<void> =>
  sender.confirm?.() ?? clock.afterPoll();
