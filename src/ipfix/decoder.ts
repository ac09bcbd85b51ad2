// A decoder of IPFIX Messages for the collector and the tests. It shares nothing with the encoder
// but the registry of Information Elements. Templates are kept for each Transport Session and
// Observation Domain; a Message that is malformed anywhere leaves nothing behind (RFC 7011 §9.1).

import { decodeDataSet } from './decode-record.ts';
import { decodeTemplateSet } from './decode-template.ts';
import { tellsTypes } from './decode-type-record.ts';
import { DecodeError } from './decode-value.ts';
import type { DecodedMessage, DecodedTemplate } from './decoded-message.ts';
import { elementById, type InformationElement } from './information-element.ts';
import { KnownDomains } from './known-domains.ts';
import { MessageDraft } from './message-draft.ts';

export type * from './decoded-message.ts';
export { DecodeError } from './decode-value.ts';

/** Options of a Decoder; each has a default. */
export interface DecoderOptions {
  /** Elements to know in addition to those of IANA and RFC 5103. Default: none. */
  readonly elements?: readonly InformationElement[];
  /** false: check and count Data Records, and decode no values. Default: true. */
  readonly values?: boolean;
  /**
   * What to do with Template Withdrawals (RFC 7011 §8.1): over UDP they must be ignored (§8.4), in files
   * and streams they must be obeyed. Default: 'ignore'.
   */
  readonly withdrawals?: 'ignore' | 'obey';
  /**
   * Maximum number of pairs of session and Observation Domain whose Templates are kept; the oldest pair
   * is forgotten above it. Default: 4096.
   */
  readonly domainsMax?: number;
  /**
   * Maximum number of fields in all Templates that are kept; the oldest pairs of session and domain are
   * forgotten above it. Default: 1,048,576 (2^20).
   */
  readonly fieldsMax?: number;
}

/**
 * Decodes Messages (RFC 7011 §3) into Templates and Data Records. It keeps the Templates of each
 * Transport Session and Observation Domain. A malformed Message changes nothing (RFC 7011 §9.1).
 */
export class Decoder {
  readonly #domains: KnownDomains;
  readonly #elements = new Map<string, InformationElement>();
  readonly #values: boolean;
  readonly #obeysWithdrawals: boolean;

  /** Starts without Templates. */
  constructor(options: DecoderOptions = {}) {
    const { elements = [], values = true, withdrawals = 'ignore' } = options;
    for (const element of elements) {
      this.#elements.set(`${element.enterpriseNumber}/${element.id}`, element);
    }
    this.#values = values;
    this.#obeysWithdrawals = withdrawals === 'obey';
    const { domainsMax = 4_096, fieldsMax = 2 ** 20 } = options;
    this.#domains = new KnownDomains({ domainsMax, fieldsMax });
  }

  // RFC 7011 §3.1
  //   Message => version length export_time sequence_number observation_domain_id [Set]
  //   version => unsigned16, always 10;  length => unsigned16, header included
  //   the other three => unsigned32
  /**
   * Decodes one complete Message, such as a UDP datagram. `session` names the Transport Session, for
   * example the address and port of the exporter: Templates of one session are not used in another.
   * Data Sets without a Template are in `unknownSets`. `octets` in the result are views into `message`.
   * Throws DecodeError for a malformed Message.
   */
  decode(message: Uint8Array, session = ''): DecodedMessage {
    const octets = new DataView(message.buffer, message.byteOffset, message.byteLength);
    if (octets.byteLength < 16) {
      throw new DecodeError(`${octets.byteLength} octets are too few for a Message Header`);
    }
    const version = octets.getUint16(0);
    if (version !== 10) throw new DecodeError(`in Message Header: Version is ${version}, not 10`);
    const length = octets.getUint16(2);
    if (length !== octets.byteLength) {
      throw new DecodeError(
        `in Message Header: Length is ${length}, the Message has ${octets.byteLength} octets`,
      );
    }
    const observationDomainId = octets.getUint32(12);
    const key = `${session} ${observationDomainId}`;
    const draft = new MessageDraft(octets, {
      known: this.#domains.get(key),
      elementOf: this.#elementOf,
      obeysWithdrawals: this.#obeysWithdrawals,
    });
    this.#decodeSets(draft);
    draft.commit(this.#domains, key);
    const { templates, withdrawals, records, unknownSets } = draft;
    const { dataRecordCount, optionsRecordCount, paddingOctets } = draft;
    return {
      exportTime: octets.getUint32(4),
      sequenceNumber: octets.getUint32(8),
      observationDomainId,
      length,
      templates,
      withdrawals,
      records,
      dataRecordCount,
      optionsRecordCount,
      unknownSets,
      paddingOctets,
    };
  }

  /** Returns the Templates that are known for a session and an Observation Domain, by Template ID. */
  templates(observationDomainId: number, session = ''): ReadonlyMap<number, DecodedTemplate> {
    const domain = this.#domains.get(`${session} ${observationDomainId}`);
    return domain?.templates ?? new Map<number, never>();
  }

  // RFC 7011 §3.3
  //   Set    => set_id length body
  //   length => unsigned16, these four octets included
  //   set_id => unsigned16:
  //             2 Templates, 3 Options Templates, 256 and above Data Records; others reserved
  #decodeSets(draft: MessageDraft): void {
    const { octets } = draft;
    let at = 16;
    while (at < octets.byteLength) {
      const left = octets.byteLength - at;
      if (left < 4)
        throw new DecodeError(`at octet ${at}: ${left} octets are too few for a Set Header`);
      const setId = octets.getUint16(at);
      const length = octets.getUint16(at + 2);
      const where = `in Set ${setId} at octet ${at}`;
      if (length < 4) throw new DecodeError(`${where}: Length is ${length}, less than its header`);
      if (length > left) {
        throw new DecodeError(`${where}: Length is ${length}, the Message has ${left} octets left`);
      }
      try {
        this.#decodeSet(draft, setId, at + 4, at + length);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        throw new DecodeError(`${where}: ${error.message}`);
      }
      at += length;
    }
  }

  #decodeSet(draft: MessageDraft, setId: number, start: number, end: number): void {
    const { octets } = draft;
    if (setId === 2 || setId === 3) {
      decodeTemplateSet(octets, start, end, setId === 3, draft.declared, draft);
      return;
    }
    const template = draft.template(setId, end - start);
    if (template === undefined) {
      const body = new Uint8Array(octets.buffer, octets.byteOffset + start, end - start);
      draft.unknownSets.push({ setId, octets: body });
      return;
    }
    const before = draft.records.length;
    const records = this.#values ? draft.records : undefined;
    const set = decodeDataSet(draft, start, end, template, records);
    draft.dataRecordCount += set.count;
    draft.paddingOctets += set.paddingOctets;
    if (!template.options) return;
    draft.optionsRecordCount += set.count;
    if (tellsTypes(template)) draft.learnTypes(draft.records.slice(before));
  }

  readonly #elementOf = (enterpriseNumber: number, id: number): InformationElement | undefined =>
    (this.#elements.size > 0 ? this.#elements.get(`${enterpriseNumber}/${id}`) : undefined) ??
    elementById(enterpriseNumber, id);
}
