// Handing Messages to the kernel. Every implementation keeps this contract.

import type { Message } from '../frames/message.ts';

/** What the kernel said. */
export type Outcome =
  /** It took `count` Messages of the run, the first ones. */
  | { readonly kind: 'taken'; readonly count: number }
  /** It took none, and may the next time (a full queue, say): the same ones are tried again. */
  | { readonly kind: 'later'; readonly code: string; readonly problem?: string }
  /** Something sent before, or this, was refused on the path or at its end. */
  | { readonly kind: 'refused'; readonly code: string }
  /** The first one is longer than the path allows: `octetsMax` says what it does allow. */
  | { readonly kind: 'tooLong' }
  /** It was not asked: a new Transport Session begins here, which counts from 0 and has no Templates. */
  | { readonly kind: 'anew' }
  /** It never will. */
  | { readonly kind: 'failed'; readonly error: Error };

export interface Sender {
  /**
   * Resolves a name and connects; again after a refusal, because the name may have moved, and may have
   * a next address.
   */
  connect(): Promise<void>;
  /** Whether the name stands for another address by now: then `connect` goes there. Never rejects. */
  hasMoved?(): Promise<boolean>;
  /** Hands over a run, or its first Messages. One call at a time; a promise only where it must wait. */
  send(run: readonly Message[]): Outcome | Promise<Outcome>;
  /**
   * The maximum number of Messages in a run; 1 where nothing is said. Those of a run are equally long, but
   * the last one may be shorter, and together they have at most `runOctetsMax` octets.
   */
  readonly runMax?: number;
  /** The longest Message that the path is known to take, in octets; undefined where this is unknown. */
  readonly octetsMax?: number | undefined;
  /** True where nothing that was taken gets lost: the Templates of each session are sent once. */
  readonly keepsTemplates?: boolean;
  /** Resolves when a refusal of what was taken by now would be known, or else it is kept for good. */
  confirm?(): Promise<void>;
  /** Nothing more is sent, and all of it was confirmed. */
  end?(): Promise<void>;
  /** Called when the socket reports a refusal of something sent earlier. */
  onRefused: (code: string) => void;
  /** Where Messages go, for logs. */
  readonly peer: string;
  /** If the collector is a name: the address that is sent to, and the one that is tried next if that one refuses. */
  readonly seen?: { readonly address: string; readonly next?: string } | undefined;
  close(): void;
}

/** What one UDP datagram over IPv4 can carry, and so one call that the kernel cuts into several. */
export const runOctetsMax = 65_507;

export const oneTaken: Outcome = { kind: 'taken', count: 1 };

export interface UdpSenderOptions {
  readonly host: string;
  readonly port: number;
  /** The IP versions that the room for Messages was calculated with. */
  readonly families: readonly (4 | 6)[];
  readonly sourceAddress?: string | undefined;
  readonly sourcePort?: number | undefined;
  /** All addresses of a name; the system's own where none is given. */
  readonly lookup?: Lookup | undefined;
}

export interface CollectorHost {
  readonly address: string;
  readonly family: 4 | 6;
}

/** All addresses of a name, in the order in which they are to be tried. */
export type Lookup = (host: string) => Promise<readonly CollectorHost[]>;

/** What is too long for the path, whether known here or only to a router on it. */
export const tooLongCode = 'EMSGSIZE';

/** A queue of this host had no room. As a refusal: it had none for some of what was taken before. */
export const droppedHereCode = 'ENOBUFS';

/** An ICMP answer, which the socket blames on whichever call comes next; or there is no route. */
const refusals = new Set([
  'ECONNREFUSED', // no such port
  'ECONNRESET', // the same on Windows
  'EHOSTUNREACH', // no such host, a filter, too many hops, an `unreachable` route
  'ENETUNREACH', // no route, no address of our own, the link is down
  'EHOSTDOWN',
  'ENONET',
  'ENOPROTOOPT',
  'EPROTO',
  'ENOTSUP', // the source route failed: EOPNOTSUPP by its other name
  'EOPNOTSUPP',
  'EACCES', // a filter on the path (IPv6), or a `prohibit` route
  'EINVAL', // a `blackhole` route, or the address we send from is no longer ours
  'EADDRNOTAVAIL', // the latter
]);
/** May mean that the address we send from is no longer ours: then it has to be connected again. */
export const staleSource: ReadonlySet<string> = new Set(['EINVAL', 'EADDRNOTAVAIL']);

/** The kernel's own shortage or a local filter: this one did not leave. */
const passing = new Set([
  'EAGAIN',
  'EWOULDBLOCK',
  'ENOBUFS',
  'ENOMEM',
  'EPERM',
  'EINTR',
  'ENETDOWN',
]);

/** What an error of a UDP socket means for the Messages that were to be sent. */
export function outcomeOf(code: string, error: Error): Outcome {
  if (refusals.has(code)) return { kind: 'refused', code };
  if (passing.has(code)) return { kind: 'later', code };
  if (code === tooLongCode) return { kind: 'tooLong' };
  return { kind: 'failed', error };
}
