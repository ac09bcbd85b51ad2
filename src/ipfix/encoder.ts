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
  setHeaderOctets,
  writeMessageHeader,
  writeSetHeader,
} from './message.ts';
import { templateIdCount, templateIdMin, templateMessages } from './template.ts';

export interface EncoderOptions {
  readonly observationDomainId: number;
  /** Of a whole Message: the path's MTU less the headers of IP and UDP. */
  readonly messageOctetsMax: number;
}

const bodyAt = messageHeaderOctets + setHeaderOctets;

/** A field by IANA's name of its element; `length` for reduced sizes and strings of a fixed length. */
export function namedField(name: string, length?: number): FieldEncoder {
  const element = elementByName(name);
  if (!element) throw new Error(`${name} is not in IANA's registry; see ianaRegistry`);
  const octets = length ?? naturalLength(element.type);
  const field = octets === undefined ? undefined : plainField({ element, length: octets });
  if (field) return field;
  const cannot = octets === undefined ? 'needs basicListField' : `cannot have ${octets} octets`;
  throw new Error(`${name} is of type ${element.type} and ${cannot}`);
}

export class Encoder {
  readonly #options: EncoderOptions;
  readonly #templates = new Map<number, readonly FieldEncoder[]>();
  #sequenceNumber = 0;

  constructor(options: EncoderOptions) {
    this.#options = options;
  }

  /** Data Records encoded so far, mod 2^32: what the next Message says. */
  get sequenceNumber(): number {
    return this.#sequenceNumber;
  }

  /** Declares a Template. Over UDP an id keeps its fields for the whole session (RFC 7011 §8.4). */
  addTemplate(id: number, fields: readonly FieldEncoder[]): void {
    if (!Number.isInteger(id) || id < templateIdMin || id >= templateIdMin + templateIdCount) {
      throw new Error(`${id} is not a Template ID; use 256 to 65535`);
    }
    if (this.#templates.has(id)) throw new Error(`Template ${id} exists already; use another id`);
    this.#templates.set(id, fields);
  }

  /** Messages with all Templates: to be sent before their records, and over UDP again and again. */
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
   * Messages with a record for each item, which has the values in the Template's order. Throws
   * EncodeError where a value cannot be written, and then no record of them counts as sent.
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
    let at = bodyAt;
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
        if (bodyAt + octets > messageOctetsMax) {
          throw new EncodeError(
            `${octets} octets do not fit into a Message of ${messageOctetsMax}`,
          );
        }
        if (at + octets > messageOctetsMax) {
          seal();
          open = Buffer.alloc(messageOctetsMax);
          at = bodyAt;
          first = count;
        }
        fields.forEach(({ encode, field }, i) => {
          at = inField(field.element.name, () => encode(values[i], open, at));
        });
      });
      count += 1;
    }
    if (at > bodyAt) seal();
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
