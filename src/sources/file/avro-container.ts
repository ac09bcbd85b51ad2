// Avro Object Container Files: the header, then block after block, never the whole file. Read by
// hand, because avsc's own stream decodes every event, while a Delivery needs the encoded octets.

import {
  type ContainerCodec,
  isReadable,
  type Unpack,
  unknownCodec,
  unpackerOf,
} from './container-codecs.ts';
import { type AvroContainerError, OctetReader } from './octet-reader.ts';

// Avro specification, "Object Container Files"
//   File   => Header [Block]
//   Header => "Obj" 0x01, map of bytes (avro.schema, avro.codec), sync marker of 16 octets
//   Block  => long count, long size, size octets (compressed by the codec), the sync marker again
export const CONTAINER_MAGIC: Buffer = Buffer.from('Obj\x01', 'latin1');
export const SYNC_OCTETS = 16;

/** Beyond it a size is a broken one; waiting for that many octets would only fill the memory. */
const BLOCK_OCTETS_MAX = 256 * 1024 * 1024;

export interface ContainerHeader {
  /** JSON text as the header has it, unknown attributes included. */
  readonly schema: string;
  readonly codec: ContainerCodec;
}

interface Header extends ContainerHeader {
  readonly sync: Buffer;
  readonly unpack: Unpack;
}

export interface ContainerBlock {
  /** The one that the block stands behind: another container may follow in the same file. */
  readonly header: ContainerHeader;
  readonly count: number;
  /** Encoded events one after the other, decompressed. */
  readonly data: Buffer;
}

export class AvroContainer {
  readonly path: string;
  readonly #reader: OctetReader;
  #header: Header;

  private constructor(reader: OctetReader, header: Header) {
    this.path = reader.path;
    this.#reader = reader;
    this.#header = header;
  }

  static async open(chunks: AsyncIterable<Buffer>, path: string): Promise<AvroContainer> {
    const reader = new OctetReader(chunks, path);
    if (await reader.atEnd()) throw reader.error('the file is empty');
    const magic = await reader.peek(CONTAINER_MAGIC.length);
    if (!magic.equals(CONTAINER_MAGIC)) throw reader.error('this is not an Avro container file');
    return new AvroContainer(reader, await readHeader(reader));
  }

  /** Of the container that is read now. */
  get header(): ContainerHeader {
    return this.#header;
  }

  /** undefined at the end of the file. */
  async nextBlock(): Promise<ContainerBlock | undefined> {
    const reader = this.#reader;
    reader.block++;
    reader.mark();
    // Files put together with `cat`: no block begins so, because its count would be below 0.
    while ((await reader.peek(CONTAINER_MAGIC.length)).equals(CONTAINER_MAGIC)) {
      this.#header = await readHeader(reader);
      reader.mark();
    }
    if (await reader.atEnd()) return undefined;
    const count = await reader.long();
    if (count < 0) throw reader.error(`a count of ${count} events`);
    const size = await reader.long();
    if (size < 0 || size > BLOCK_OCTETS_MAX) throw reader.error(`a size of ${size} octets`);
    const stored = await reader.octets(size);
    const sync = await reader.octets(SYNC_OCTETS);
    const { sync: wanted, unpack, codec } = this.#header;
    if (!sync.equals(wanted))
      throw reader.error('the sync marker differs from the one in the header');
    try {
      return { header: this.#header, count, data: unpack(stored, BLOCK_OCTETS_MAX) };
    } catch (cause) {
      throw reader.error(`${codec} cannot unpack it: ${(cause as Error).message}`, cause);
    }
  }

  /**
   * Behind a damaged place: goes on behind the next sync marker, or at the next header. False where
   * there is none until the end of the file.
   */
  async resume(): Promise<boolean> {
    const { sync } = this.#header;
    return this.#reader.seek((octets) => {
      const marker = octets.indexOf(sync);
      const header = octets.indexOf(CONTAINER_MAGIC);
      if (header >= 0 && (marker < 0 || header < marker)) return header;
      return marker < 0 ? -1 : marker + SYNC_OCTETS;
    }, SYNC_OCTETS);
  }

  error(message: string, cause?: unknown): AvroContainerError {
    return this.#reader.error(message, cause);
  }
}

async function readHeader(reader: OctetReader): Promise<Header> {
  await reader.octets(CONTAINER_MAGIC.length);
  const metadata = await readMetadata(reader);
  const schema = metadata.get('avro.schema');
  if (schema === undefined) throw reader.error('the header has no avro.schema');
  const codec = metadata.get('avro.codec')?.toString() ?? 'null';
  if (!isReadable(codec)) throw reader.error(unknownCodec(codec));
  const sync = Buffer.from(await reader.octets(SYNC_OCTETS));
  return { schema: schema.toString(), codec, sync, unpack: unpackerOf(codec) };
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
