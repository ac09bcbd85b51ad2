// A Collecting Process (RFC 7011 §2): Messages in, records out, and everything counted. Where the
// Messages come from, be it a socket or a file, is not known here.

import {
  DecodeError,
  Decoder,
  type DecodedMessage,
  type DecodedRecord,
  type DecoderOptions,
} from '../ipfix/decoder.ts';
import { SequenceTracker } from '../ipfix/sequence-tracker.ts';
import type { KernelDrops } from './receive-buffer.ts';
import { CollectorCounts, type CollectorAddress, type CollectorSummary } from './summary.ts';

export interface CollectingOptions {
  readonly decoder?: DecoderOptions;
  /** `session` is the exporter's address and port, or a file's name. */
  readonly onRecord?: (record: DecodedRecord, message: DecodedMessage, session: string) => void;
  readonly onMessage?: (message: DecodedMessage, session: string) => void;
  readonly onMalformed?: (error: DecodeError, session: string) => void;
}

export class CollectingProcess {
  readonly #options: CollectingOptions;
  readonly #decoder: Decoder;
  readonly #sequence = new SequenceTracker();
  readonly #counts = new CollectorCounts();

  constructor(options: CollectingOptions = {}) {
    this.#options = options;
    this.#decoder = new Decoder(options.decoder);
  }

  take(octets: Buffer, session: string): void {
    const { onMalformed, onMessage, onRecord } = this.#options;
    let message: DecodedMessage;
    try {
      message = this.#decoder.decode(octets, session);
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error;
      this.#counts.malformed(octets.length);
      onMalformed?.(error, session);
      return;
    }
    this.#sequence.observe(message, session);
    this.#counts.message(message, session);
    onMessage?.(message, session);
    if (onRecord === undefined) return;
    for (const record of message.records) onRecord(record, message, session);
  }

  /** Data Records so far, without those of Options Templates. */
  get dataRecords(): number {
    return this.#counts.dataRecords;
  }

  /** `socket` where there is one. */
  summary(socket?: {
    readonly address: CollectorAddress | undefined;
    readonly kernelDrops: KernelDrops;
  }): CollectorSummary {
    return this.#counts.summary({
      address: socket?.address,
      kernelDrops: socket?.kernelDrops ?? 'unknown',
      sequence: this.#sequence.domains(),
    });
  }
}
