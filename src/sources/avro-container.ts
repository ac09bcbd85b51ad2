// Avro Object Container Files: the header, then block after block, never the whole file. Read by
// hand, because avsc's own stream decodes every event, while a Delivery wants the encoded octets.

import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

import { AvroContainerError, OctetReader } from './octet-reader.ts';

// Avro specification, "Object Container Files"
//   File   => Header [Block]
//   Header => "Obj" 0x01, map of bytes (avro.schema, avro.codec), sync marker of 16 octets
//   Block  => long count, long size, size octets (compressed by the codec), the sync marker again
export const CONTAINER_MAGIC: Buffer = Buffer.from('Obj\x01', 'latin1');
export const SYNC_OCTETS = 16;
export const containerCodecs = ['null', 'deflate'] as const;
export type ContainerCodec = (typeof containerCodecs)[number];

/** Beyond it a size is a broken one; waiting for that many octets would only fill the memory. */
const BLOCK_OCTETS_MAX = 256 * 1024 * 1024;

const inflate = promisify(inflateRaw);

export class UnknownCodecError extends Error {
  readonly code = 'AVRO_CODEC';
  readonly path: string;
  readonly codec: string;

  constructor(path: string, codec: string) {
    super(`in ${path}: the codec is ${codec}; ${containerCodecs.join(' and ')} can be read`);
    this.path = path;
    this.codec = codec;
  }
}

export interface ContainerBlock {
  readonly count: number;
  /** Encoded events one after the other, decompressed. */
  readonly data: Buffer;
}

export class AvroContainer {
  readonly path: string;
  /** JSON text as the header has it, unknown attributes included. */
  readonly schema: string;
  readonly codec: ContainerCodec;
  readonly #reader: OctetReader;
  readonly #sync: Buffer;

  private constructor(
    reader: OctetReader,
    header: { schema: string; codec: ContainerCodec; sync: Buffer },
  ) {
    this.path = reader.path;
    this.schema = header.schema;
    this.codec = header.codec;
    this.#reader = reader;
    this.#sync = header.sync;
  }

  static async open(chunks: AsyncIterable<Buffer>, path: string): Promise<AvroContainer> {
    const reader = new OctetReader(chunks, path);
    const magic = await reader.octets(CONTAINER_MAGIC.length);
    if (!magic.equals(CONTAINER_MAGIC)) throw reader.error('this is no Avro container file');
    const metadata = await readMetadata(reader);
    const schema = metadata.get('avro.schema');
    if (schema === undefined) throw reader.error('the header has no avro.schema');
    const codecName = metadata.get('avro.codec')?.toString() ?? 'null';
    const codec = containerCodecs.find((known) => known === codecName);
    if (codec === undefined) throw new UnknownCodecError(path, codecName);
    const sync = Buffer.from(await reader.octets(SYNC_OCTETS));
    return new AvroContainer(reader, { schema: schema.toString(), codec, sync });
  }

  /** undefined at the end of the file. */
  async nextBlock(): Promise<ContainerBlock | undefined> {
    const reader = this.#reader;
    reader.block++;
    if (await reader.atEnd()) return undefined;
    const count = await reader.long();
    const size = await reader.long();
    if (count < 0) throw reader.error(`a count of ${count} events`);
    if (size < 0 || size > BLOCK_OCTETS_MAX) throw reader.error(`a size of ${size} octets`);
    const stored = await reader.octets(size);
    const sync = await reader.octets(SYNC_OCTETS);
    if (!sync.equals(this.#sync)) throw reader.error('the sync marker is not that of the header');
    const data = this.codec === 'deflate' ? await this.#inflate(stored) : stored;
    return { count, data };
  }

  error(message: string, cause?: unknown): AvroContainerError {
    return this.#reader.error(message, cause);
  }

  async #inflate(stored: Buffer): Promise<Buffer> {
    try {
      return await inflate(stored, { maxOutputLength: BLOCK_OCTETS_MAX });
    } catch (cause) {
      throw this.#reader.error('deflate cannot unpack it', cause);
    }
  }
}

async function readMetadata(reader: OctetReader): Promise<Map<string, Buffer>> {
  const metadata = new Map<string, Buffer>();
  for (let count = await reader.long(); count !== 0; count = await reader.long()) {
    // A negative count is followed by the octets it takes, for readers that skip it.
    if (count < 0) await reader.long();
    for (let left = Math.abs(count); left > 0; left--) {
      const key = await reader.octets(await readSize(reader));
      const name = key.toString();
      metadata.set(name, await reader.octets(await readSize(reader)));
    }
  }
  return metadata;
}

async function readSize(reader: OctetReader): Promise<number> {
  const size = await reader.long();
  if (size < 0 || size > BLOCK_OCTETS_MAX) throw reader.error(`a size of ${size} octets`);
  return size;
}
