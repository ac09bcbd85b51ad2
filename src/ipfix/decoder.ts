// A decoder of IPFIX Messages for the collector and the tests. It shares nothing with the encoder
// but the registry of Information Elements. Templates are kept for each Transport Session and
// Observation Domain; a Message that is malformed anywhere leaves nothing behind (RFC 7011 §9.1).

import { decodeDataSet, type DecodedRecord } from './decode-record.ts';
import { decodeTemplateSet, type DecodedTemplate } from './decode-template.ts';
import { DecodeError } from './decode-value.ts';
import type { DecodedMessage, UnknownSet } from './decoded-message.ts';
import { elementById, type InformationElement } from './information-element.ts';

export type { DecodedRecord, DecodedValue } from './decode-record.ts';
export type { DecodedField, DecodedTemplate } from './decode-template.ts';
export type { DecodedMessage, UnknownSet } from './decoded-message.ts';
export { DecodeError, type Value } from './decode-value.ts';

export interface DecoderOptions {
  /** Enterprise-specific elements to know besides IANA's. */
  readonly elements?: readonly InformationElement[];
  /** false: check and count Data Records, decode no values. */
  readonly values?: boolean;
  /** Sessions × domains whose Templates are kept; past it the oldest is forgotten. */
  readonly domainsMax?: number;
}

type Templates = Map<number, DecodedTemplate>;

interface Draft {
  readonly templates: DecodedTemplate[];
  readonly withdrawals: number[];
  readonly records: DecodedRecord[];
  readonly unknownSets: UnknownSet[];
  dataRecordCount: number;
  optionsRecordCount: number;
  paddingOctets: number;
}

export class Decoder {
  readonly #known = new Map<string, Templates>();
  readonly #elements = new Map<string, InformationElement>();
  readonly #values: boolean;
  readonly #domainsMax: number;

  constructor({ elements = [], values = true, domainsMax = 4096 }: DecoderOptions = {}) {
    for (const element of elements) {
      this.#elements.set(`${element.enterpriseNumber}/${element.id}`, element);
    }
    this.#values = values;
    this.#domainsMax = domainsMax;
  }

  // RFC 7011 §3.1
  //   Message => version length export_time sequence_number observation_domain_id [Set]
  //   version => unsigned16, always 10;  length => unsigned16, header included
  //   the other three => unsigned32
  /** Decodes one whole Message; throws DecodeError. `session` tells exporters apart. */
  decode(message: Uint8Array, session = ''): DecodedMessage {
    const octets = new DataView(message.buffer, message.byteOffset, message.byteLength);
    if (octets.byteLength < 16) {
      throw new DecodeError(`${octets.byteLength} octets are no Message Header`);
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
    const draft = this.#decodeSets(octets, this.#known.get(key));
    this.#learn(key, draft.templates);
    return {
      exportTime: octets.getUint32(4),
      sequenceNumber: octets.getUint32(8),
      observationDomainId,
      length,
      ...draft,
    };
  }

  /** The Templates known for a session and domain, by Template ID. */
  templates(observationDomainId: number, session = ''): ReadonlyMap<number, DecodedTemplate> {
    return this.#known.get(`${session} ${observationDomainId}`) ?? new Map<number, never>();
  }

  // RFC 7011 §3.3
  //   Set    => set_id length body
  //   length => unsigned16, these four octets included
  //   set_id => unsigned16:
  //             2 Templates, 3 Options Templates, 256 and above Data Records; others reserved
  #decodeSets(octets: DataView, known: Templates | undefined): Draft {
    const draft: Draft = {
      templates: [],
      withdrawals: [],
      records: [],
      unknownSets: [],
      dataRecordCount: 0,
      optionsRecordCount: 0,
      paddingOctets: 0,
    };
    let at = 16;
    while (at < octets.byteLength) {
      const left = octets.byteLength - at;
      if (left < 4) throw new DecodeError(`at octet ${at}: ${left} octets are no Set Header`);
      const setId = octets.getUint16(at);
      const length = octets.getUint16(at + 2);
      const where = `in Set ${setId} at octet ${at}`;
      if (length < 4) throw new DecodeError(`${where}: Length is ${length}, less than its header`);
      if (length > left) {
        throw new DecodeError(`${where}: Length is ${length}, the Message has ${left} octets left`);
      }
      try {
        this.#decodeSet(octets, at + 4, at + length, setId, draft, known);
      } catch (error) {
        if (!(error instanceof DecodeError)) throw error;
        throw new DecodeError(`${where}: ${error.message}`);
      }
      at += length;
    }
    return draft;
  }

  #decodeSet(
    octets: DataView,
    start: number,
    end: number,
    setId: number,
    draft: Draft,
    known: Templates | undefined,
  ): void {
    if (setId === 2 || setId === 3) {
      const set = decodeTemplateSet(octets, start, end, setId === 3, this.#lookup);
      draft.templates.push(...set.templates);
      draft.withdrawals.push(...set.withdrawals);
      return;
    }
    // A Template of this very Message comes before one known from earlier, the last one first.
    const template =
      draft.templates.findLast(({ templateId }) => templateId === setId) ?? known?.get(setId);
    if (template === undefined) {
      const body = new Uint8Array(octets.buffer, octets.byteOffset + start, end - start);
      draft.unknownSets.push({ setId, octets: body });
      return;
    }
    const set = decodeDataSet(octets, start, end, template, this.#values);
    for (const record of set.records) draft.records.push(record);
    draft.dataRecordCount += set.count;
    if (template.options) draft.optionsRecordCount += set.count;
    draft.paddingOctets += set.paddingOctets;
  }

  #learn(key: string, templates: readonly DecodedTemplate[]): void {
    if (templates.length === 0) return;
    let known = this.#known.get(key);
    if (known === undefined) {
      known = new Map();
      this.#known.set(key, known);
      if (this.#known.size > this.#domainsMax) {
        const [oldest = key] = this.#known.keys();
        this.#known.delete(oldest);
      }
    }
    for (const template of templates) known.set(template.templateId, template);
  }

  /** An element that nobody declared is named "enterprise/id" and read as octets. */
  readonly #lookup = (enterpriseNumber: number, id: number): InformationElement => {
    const name = `${enterpriseNumber}/${id}`;
    return (
      this.#elements.get(name) ??
      elementById(enterpriseNumber, id) ?? {
        id,
        name,
        type: 'octetArray',
        enterpriseNumber,
        semantics: '',
        units: '',
        range: '',
        deprecated: false,
      }
    );
  };
}
