// The address that a collector's name stands for, and whether that is still so.

import { lookup } from 'node:dns/promises';
import type { Lookup, UdpSenderOptions } from './sender.ts';

export class CollectorAddress {
  /** What is sent to; undefined before the first connect. */
  current: string | undefined;
  readonly #options: UdpSenderOptions;

  constructor(options: UdpSenderOptions) {
    this.#options = options;
  }

  /** The one that is sent to as long as the name stands for it, among others perhaps. */
  async resolve(): Promise<string> {
    const { host, family } = this.#options;
    const look: Lookup = this.#options.lookup ?? lookup;
    const found = await look(host, { family, all: true });
    const kept = found.find(({ address }) => address === this.current) ?? found[0];
    if (!kept) throw new Error(`${host} has no address`);
    return kept.address;
  }

  /** False, too, where the name does not resolve now. */
  async hasMoved(): Promise<boolean> {
    try {
      return (await this.resolve()) !== this.current;
    } catch {
      return false;
    }
  }
}
