// Data Records to Messages, for those who use this folder as a library: Messages filled to a length,
// Templates, and the Sequence Number of one Observation Domain in one Transport Session. It knows no
// clock and no socket. The program itself paints into Frames instead (src/pipeline/), without an
// array for each record.

import { naturalLength } from './abstract-type.ts';
import { EncodeError } from './encode-error.ts';
import { type FieldEncoder, inPlace, plainField } from './field-encoder.ts';
import { elementByName } from './information-element.ts';
import {
  messageHeaderOctets,
  firstRecordAt,
  writeMessageHeader,
  writeSetHeader,
} from './message.ts';
import { templateIdCount, templateIdMin, templateMessages } from './template.ts';

/** Options of an Encoder; both are required. */
export interface EncoderOptions {
  /** Observation Domain ID of all Messages, 1 to 2^32 - 1; 0 stands for no single domain (RFC 7011 §3.1). */
  readonly observationDomainId: number;
  /** Maximum length of a Message in octets: over UDP, the path MTU less the headers of IP and UDP. */
  readonly messageOctetsMax: number;
}

/**
 * Returns a field of a Template by the name of its element in IANA's registry, or of its reverse element
 * (RFC 5103). `length` is the Field Length in octets; the default is the natural length of the type,
 * which is variable for `string` and `octetArray`. A shorter one reduces integers and float64
 * (RFC 7011 §6.2). Throws Error if the registry has no such element, if the type cannot have this
 * length, or if the element is a list (see basicListField).
 */
export function namedField(name: string, length?: number): FieldEncoder {
  const element = elementByName(name);
  if (!element) throw new Error(`${name} is not in IANA's registry; see ianaRegistry`);
  const octets = length ?? naturalLength(element.type);
  const field = octets === undefined ? undefined : plainField({ element, length: octets });
  if (field) return field;
  const cannot = octets === undefined ? 'needs basicListField' : `cannot have ${octets} octets`;
  throw new Error(`${name} is of type ${element.type} and ${cannot}`);
}

/**
 * Encodes Data Records into Messages of one Observation Domain in one Transport Session (RFC 7011 §3),
 * and counts their Sequence Number. It has no clock and no socket: the caller passes the Export Time
 * and sends the Messages in the order in which they are returned.
 */
export class Encoder {
  readonly #options: EncoderOptions;
  readonly #templates = new Map<number, readonly FieldEncoder[]>();
  #sequenceNumber = 0;

  /** Starts with Sequence Number 0 and without Templates. */
  constructor(options: EncoderOptions) {
    this.#options = options;
  }

  /** Data Records encoded so far, mod 2^32: the Sequence Number of the next Message (RFC 7011 §3.1). */
  get sequenceNumber(): number {
    return this.#sequenceNumber;
  }

  /**
   * Declares a Template. `id` is 256 to 65535 (RFC 7011 §3.4.1) and keeps its fields for the whole
   * session (§8.4). Throws Error for another id, and for one that exists.
   */
  addTemplate(id: number, fields: readonly FieldEncoder[]): void {
    if (!Number.isInteger(id) || id < templateIdMin || id >= templateIdMin + templateIdCount) {
      throw new Error(`${id} is not a Template ID; use 256 to 65535`);
    }
    if (this.#templates.has(id)) throw new Error(`Template ${id} exists already; use another id`);
    this.#templates.set(id, fields);
  }

  /**
   * Returns Messages with all Templates. Send them before the records; over UDP, send them again
   * regularly (RFC 7011 §8.4). `exportTimeS` is in seconds since 1970.
   */
  templates(exportTimeS: number): Buffer[] {
    const templates = Array.from(this.#templates, ([id, fields]) => ({
      id,
      fields: fields.map(({ field }) => field),
    }));
    const messages = templateMessages(templates, this.#options.messageOctetsMax);
    for (const message of messages) this.#head(message, exportTimeS, this.#sequenceNumber);
    return messages;
  }

  /**
   * Returns Messages with a Data Record for each item of `records`: an array with one value for each
   * field, in the order of the Template. The values are:
   *
   * - integers: number, or bigint above 2^53; floats: number; boolean: boolean;
   * - string: string; octetArray and addresses (IPv4, IPv6, MAC): Uint8Array, in network order;
   * - dateTimeSeconds and dateTimeMilliseconds: number, since 1970 in the unit of the type;
   * - dateTimeMicroseconds and dateTimeNanoseconds: bigint, since 1970 in the unit of the type;
   * - a list: an array of the values of its items.
   *
   * `exportTimeS` is in seconds since 1970. Throws EncodeError if a value does not fit its field or a
   * record does not fit a Message, and Error if the Template was not added; in both cases no record
   * of this call counts in the Sequence Number.
   */
  records(
    templateId: number,
    records: Iterable<readonly unknown[]>,
    exportTimeS: number,
  ): Buffer[] {
    const fields = this.#templates.get(templateId);
    if (!fields) throw new Error(`Template ${templateId} was not added`);
    const messages: Buffer[] = [];
    const { messageOctetsMax } = this.#options;
    let open = Buffer.alloc(messageOctetsMax);
    let at = firstRecordAt;
    let first = 0;
    let count = 0;
    const seal = (): void => {
      const message = open.subarray(0, at);
      writeSetHeader(message, messageHeaderOctets, templateId, at - messageHeaderOctets);
      this.#head(message, exportTimeS, this.#sequenceNumber + first);
      messages.push(message);
    };
    for (const values of records) {
      inPlace('record', count + 1, () => {
        const octets = recordOctets(fields, values);
        if (firstRecordAt + octets > messageOctetsMax) {
          throw new EncodeError(
            `${octets} octets do not fit into a Message of ${messageOctetsMax}`,
          );
        }
        if (at + octets > messageOctetsMax) {
          seal();
          open = Buffer.alloc(messageOctetsMax);
          at = firstRecordAt;
          first = count;
        }
        fields.forEach(({ encode, field }, i) => {
          at = inField(field.element.name, () => encode(values[i], open, at));
        });
      });
      count += 1;
    }
    if (at > firstRecordAt) seal();
    this.#sequenceNumber = (this.#sequenceNumber + count) >>> 0;
    return messages;
  }

  #head(message: Buffer, exportTimeS: number, sequenceNumber: number): void {
    const { observationDomainId } = this.#options;
    writeMessageHeader(message, message.length, exportTimeS, sequenceNumber, observationDomainId);
  }
}

function recordOctets(fields: readonly FieldEncoder[], values: readonly unknown[]): number {
  if (values.length !== fields.length) {
    throw new EncodeError(`${values.length} values for ${fields.length} fields`);
  }
  return fields.reduce(
    (sum, { field, octetsOf }, i) => sum + inField(field.element.name, () => octetsOf(values[i])),
    0,
  );
}

function inField<T>(name: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof EncodeError)) throw error;
    throw new EncodeError(`${name}: ${error.message}`, { cause: error });
  }
}
