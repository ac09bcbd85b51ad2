// What a Collector counts: for each exporter and Observation Domain, and in all.

import type { DecodedMessage } from '../ipfix/decoder.ts';
import type { SequenceDomain } from '../ipfix/sequence-tracker.ts';
import type { KernelDrops } from './receive-buffer.ts';

export interface CollectorAddress {
  readonly host: string;
  readonly port: number;
  /** The buffer as the kernel reports it; Linux reports twice what it grants, for its own bookkeeping. */
  readonly receiveBufferBytes: number;
}

interface CollectorTally {
  /** Well-formed Messages and their octets. */
  messages: number;
  octets: number;
  /** Described by Templates. */
  dataRecords: number;
  /** Described by Options Templates. */
  optionsRecords: number;
  /** Templates and Options Templates received; one that was sent again counts once. */
  templates: number;
  /** Template and Options Template Records received. */
  templateRecords: number;
  /** Data Sets without a Template, and reserved Set IDs. */
  unknownSets: number;
  /** How often the Sequence Number was ahead of what had come, and by how many records in all. */
  sequenceGaps: number;
  missingRecords: number;
  /** Records that were in unknown Sets, or were lost right after one. */
  uncountedRecords: number;
  /** Messages that came after later ones. */
  lateMessages: number;
  repeatedMessages: number;
  restarts: number;
}

export interface DomainSummary extends Readonly<CollectorTally> {
  /** The exporter's address and port. */
  readonly session: string;
  readonly observationDomainId: number;
}

export interface CollectorSummary extends Readonly<CollectorTally> {
  /** undefined before `listen()`. */
  readonly address: CollectorAddress | undefined;
  readonly malformedMessages: number;
  readonly malformedOctets: number;
  /** Datagrams that reached the socket and found its receive buffer full. */
  readonly kernelDrops: KernelDrops;
  readonly domains: readonly DomainSummary[];
}

interface Domain {
  readonly tally: CollectorTally;
  readonly templateIds: Set<number>;
}

export class CollectorCounts {
  readonly #domains = new Map<string, Domain>();
  #malformedMessages = 0;
  #malformedOctets = 0;
  #dataRecords = 0;

  /** The Data Records without those of Options Templates. */
  get dataRecords(): number {
    return this.#dataRecords;
  }

  malformed(octets: number): void {
    this.#malformedMessages += 1;
    this.#malformedOctets += octets;
  }

  message(message: DecodedMessage, session: string): void {
    const { tally, templateIds } = this.#domainOf(session, message.observationDomainId);
    const dataRecords = message.dataRecordCount - message.optionsRecordCount;
    for (const { templateId } of message.templates) templateIds.add(templateId);
    tally.messages += 1;
    tally.octets += message.length;
    tally.dataRecords += dataRecords;
    tally.optionsRecords += message.optionsRecordCount;
    tally.templateRecords += message.templates.length;
    tally.templates = templateIds.size;
    tally.unknownSets += message.unknownSets.length;
    this.#dataRecords += dataRecords;
  }

  summary(around: {
    readonly address: CollectorAddress | undefined;
    readonly kernelDrops: KernelDrops;
    readonly sequence: readonly SequenceDomain[];
  }): CollectorSummary {
    const domains = around.sequence.map((sequence) => this.#domainSummary(sequence));
    const total = noTally();
    for (const domain of domains) {
      for (const name of tallyNames) total[name] += domain[name];
    }
    return {
      ...total,
      address: around.address,
      malformedMessages: this.#malformedMessages,
      malformedOctets: this.#malformedOctets,
      kernelDrops: around.kernelDrops,
      domains,
    };
  }

  #domainSummary(sequence: SequenceDomain): DomainSummary {
    const { session, observationDomainId } = sequence;
    const { tally } = this.#domainOf(session, observationDomainId);
    return {
      ...tally,
      session,
      observationDomainId,
      sequenceGaps: sequence.gaps,
      missingRecords: sequence.missingRecords,
      uncountedRecords: sequence.uncountedRecords,
      lateMessages: sequence.lateMessages,
      repeatedMessages: sequence.repeatedMessages,
      restarts: sequence.restarts,
    };
  }

  #domainOf(session: string, observationDomainId: number): Domain {
    const key = `${session} ${observationDomainId}`;
    let domain = this.#domains.get(key);
    if (domain === undefined) {
      domain = { tally: noTally(), templateIds: new Set() };
      this.#domains.set(key, domain);
    }
    return domain;
  }
}

function noTally(): CollectorTally {
  return {
    messages: 0,
    octets: 0,
    dataRecords: 0,
    optionsRecords: 0,
    templates: 0,
    templateRecords: 0,
    unknownSets: 0,
    sequenceGaps: 0,
    missingRecords: 0,
    uncountedRecords: 0,
    lateMessages: 0,
    repeatedMessages: 0,
    restarts: 0,
  };
}

const tallyNames = Object.keys(noTally()) as (keyof CollectorTally)[];
