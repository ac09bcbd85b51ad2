// The Sender that COLLECTORS asks for: datagrams to a host, or files.

import type { Logger } from 'pino';
import type { Config } from '../config.ts';
import type { Clock } from '../pipeline/clock.ts';
import { FileSender } from '../pipeline/file-sender.ts';
import { DgramSender, type Sender } from '../pipeline/sender.ts';
import type { Plan } from './plan.ts';

export interface SenderPlace {
  /** Added to SOURCE_PORT: Workers count from 0, and the statistics' session comes after them. */
  readonly index: number;
  readonly observationDomainId: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Each has a port, a domain and files of its own. */
export function senderFor(
  config: Config,
  { route }: Plan,
  { index, observationDomainId, clock, log }: SenderPlace,
): Sender {
  const { COLLECTORS: collector } = config;
  if ('file' in collector) {
    return new FileSender({
      path: collector.file,
      observationDomainId,
      rotateOctets: config.FILE_ROTATE_BYTES,
      rotateIntervalMs: config.FILE_ROTATE_INTERVAL,
      syncs: config.FILE_SYNC === 'on',
      clock,
      log,
    });
  }
  return new DgramSender({
    ...collector,
    family: route?.family ?? 4,
    sourceAddress: config.SOURCE_ADDRESS,
    sourcePort: config.SOURCE_PORT && config.SOURCE_PORT + index,
  });
}
