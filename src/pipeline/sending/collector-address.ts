// The addresses that a collector's name stands for: which one is sent to, and which comes next.

import { lookup } from 'node:dns/promises';
import type { CollectorHost, Lookup, UdpSenderOptions } from './sender.ts';

// The system's resolver sorts them by RFC 6724; Node.js must not put IPv4 first.
export const systemLookup: Lookup = async (host) =>
  (await lookup(host, { all: true, order: 'verbatim' })).map(({ address, family }) => ({
    address,
    family: family === 6 ? 6 : 4,
  }));

export class CollectorAddress {
  /** What is sent to; undefined before the first connect. */
  current: CollectorHost | undefined;
  readonly #options: UdpSenderOptions;
  #found: readonly CollectorHost[] = [];
  #isRefused = false;

  constructor(options: UdpSenderOptions) {
    this.#options = options;
  }

  /** Something that was sent to the present address was refused: the next one is tried. */
  refused(): void {
    this.#isRefused = true;
  }

  /**
   * All of them, in the order in which they are to be tried: the present one first as long as the name
   * stands for it and it does not refuse; if it does, it comes last. Rejects where there is none.
   */
  async candidates(): Promise<readonly CollectorHost[]> {
    this.#found = await this.#resolved();
    const isRefused = this.#isRefused;
    this.#isRefused = false;
    const at = this.#indexOf(this.current);
    const from = at < 0 ? 0 : at + Number(isRefused);
    return [...this.#found.slice(from), ...this.#found.slice(0, from)];
  }

  /** For logs: the present address, and the one that comes after it where the name has several. */
  get seen(): { readonly address: string; readonly next?: string } | undefined {
    const { current } = this;
    if (!current) return undefined;
    const next = this.#found[(this.#indexOf(current) + 1) % this.#found.length];
    const isAlone = next === undefined || next.address === current.address;
    return isAlone
      ? { address: current.address }
      : { address: current.address, next: next.address };
  }

  /** False, too, where the name does not resolve now. */
  async hasMoved(): Promise<boolean> {
    try {
      const found = await this.#resolved();
      return !found.some(({ address }) => address === this.current?.address);
    } catch {
      return false;
    }
  }

  #indexOf(host: CollectorHost | undefined): number {
    return this.#found.findIndex(({ address }) => address === host?.address);
  }

  async #resolved(): Promise<readonly CollectorHost[]> {
    const { host, families, lookup: look = systemLookup } = this.#options;
    const found = (await look(host)).filter(({ family }) => families.includes(family));
    if (found.length > 0) return found;
    throw new Error(`${host} has no IPv${families.join(' or IPv')} address`);
  }
}
