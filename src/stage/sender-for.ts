// The Sender that COLLECTORS and UDP_SENDER ask for: datagrams to a host, or files.

import type { Logger } from 'pino';
import { type Config, ConfigError } from '../config/config.ts';
import { BatchSender } from '../pipeline/sending/batch-sender.ts';
import type { Clock } from '../clock.ts';
import { DgramSender } from '../pipeline/sending/dgram-sender.ts';
import { FileSender } from '../pipeline/sending/file-sender.ts';
import { loadLibc } from '../pipeline/sending/libc.ts';
import type { Sender, UdpSenderOptions } from '../pipeline/sending/sender.ts';
import type { Plan } from './plan.ts';

interface SenderPlace {
  /** Added to SOURCE_PORT: Workers count from 0, and the statistics' session comes after them. */
  readonly index: number;
  readonly observationDomainId: number;
  readonly clock: Clock;
  readonly log: Logger;
}

/** Each has a port, a domain and files of its own. */
export function senderFor(
  config: Config,
  { families }: Plan,
  { index, observationDomainId, clock, log }: SenderPlace,
): Sender {
  const { COLLECTORS: collector } = config;
  if ('file' in collector) {
    return new FileSender({
      path: collector.file,
      observationDomainId,
      rotateOctets: config.FILE_ROTATE_BYTES,
      rotateIntervalMs: config.FILE_ROTATE_INTERVAL,
      syncs: config.FILE_SYNC,
      clock,
      log,
    });
  }
  const options = {
    ...collector,
    families,
    sourceAddress: config.SOURCE_ADDRESS,
    sourcePort: config.SOURCE_PORT && config.SOURCE_PORT + index,
  };
  return udpSender(config, options, { index, log });
}

function udpSender(
  { UDP_SENDER: wanted }: Config,
  options: UdpSenderOptions,
  { index, log }: Pick<SenderPlace, 'index' | 'log'>,
): Sender {
  if (wanted === 'dgram') return new DgramSender(options);
  try {
    return new BatchSender(loadLibc(), { ...options, log });
  } catch (error) {
    const { message } = error as Error;
    if (wanted === 'batch') {
      const problem = `batch is not available: ${message}; set it to auto or dgram`;
      throw new ConfigError([{ where: 'UDP_SENDER', problem }]);
    }
    // Once for the process: the others' machine is the same.
    if (index === 0) log.info({ err: error }, 'datagrams are sent one by one, not in batches');
    return new DgramSender(options);
  }
}
