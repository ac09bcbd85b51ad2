// A whole Avro container file in one Kafka message, as ktranslate writes them.

import { AvroCursor, AvroDataError, defaultLimits } from '../../avro/avro-cursor.ts';
import type { EventReader } from '../../avro/event-reader.ts';
import { CONTAINER_MAGIC, SYNC_OCTETS } from '../file/avro-container.ts';
import { isReadable, type Unpack, unknownCodec, unpackerOf } from '../file/container-codecs.ts';
import type { DatumTaker } from './datum-taker.ts';
import type { WriterSchema } from '../delivery.ts';
import type { SchemaStore } from '../schemas/schema-store.ts';

interface Header {
  readonly schema: string;
  readonly unpack: Unpack;
  readonly sync: Buffer;
}

/** Gives the container's datums to `taker`; what comes after a broken place is unreadable. */
export function readContainer(
  octets: Buffer,
  { schemas, messageOctetsMax }: { schemas: SchemaStore; messageOctetsMax: number },
  taker: DatumTaker,
  walkOf: (schema: WriterSchema) => EventReader,
): void {
  const cursor = new AvroCursor({ ...defaultLimits, stringOctetsMax: messageOctetsMax });
  cursor.open(octets, 0, octets.length);
  let block = 0;
  let begin = 0;
  try {
    let left = messageOctetsMax;
    // One container may follow the other.
    while (block === 0 || cursor.at < cursor.end) {
      begin = cursor.at;
      const header = readHeader(cursor);
      const schema = schemas.written(header.schema);
      const walk = walkOf(schema);
      for (block += 1; cursor.at < cursor.end && !isHeaderNext(cursor); block += 1) {
        begin = cursor.at;
        const data = readBlock(cursor, header, left);
        left -= data.octets.length;
        takeDatums(data, walk, schema, taker);
      }
    }
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    taker.unreadable(
      block === 0
        ? `the value is not a container file: in its header: ${message}`
        : `the container in the value is damaged: in block ${block}, at octet ${begin}: ${message}`,
      cause,
    );
  }
}

const isHeaderNext = ({ bytes, at, end }: AvroCursor): boolean =>
  end - at >= CONTAINER_MAGIC.length &&
  bytes.compare(CONTAINER_MAGIC, 0, CONTAINER_MAGIC.length, at, at + CONTAINER_MAGIC.length) === 0;

// Avro specification, "Object Container Files"
//   Header => "Obj" 0x01, map of bytes (avro.schema, avro.codec), sync marker of 16 octets
function readHeader(cursor: AvroCursor): Header {
  if (!cursor.octets(CONTAINER_MAGIC.length).equals(CONTAINER_MAGIC)) {
    throw new AvroDataError('', 'it does not begin with "Obj"');
  }
  const metadata = new Map<string, string>();
  for (let count = cursor.block(2); count > 0; count = cursor.block(2)) {
    for (let i = 0; i < count; i += 1) {
      metadata.set(cursor.string(), cursor.octets(cursor.length()).toString());
    }
  }
  const schema = metadata.get('avro.schema');
  if (schema === undefined) throw new AvroDataError('', 'there is no avro.schema');
  const codec = metadata.get('avro.codec') ?? 'null';
  if (!isReadable(codec)) throw new AvroDataError('', unknownCodec(codec));
  return { schema, unpack: unpackerOf(codec), sync: cursor.octets(SYNC_OCTETS) };
}

//   Block => long count, long size, size octets (compressed by the codec), the sync marker again
function readBlock(cursor: AvroCursor, { unpack, sync }: Header, octetsMax: number) {
  const count = cursor.long();
  const stored = cursor.octets(cursor.length());
  if (!cursor.octets(SYNC_OCTETS).equals(sync)) {
    throw new AvroDataError('', 'the sync marker differs from the one in the header');
  }
  const octets = unpack(stored, Math.max(1, octetsMax));
  if (octets.length > octetsMax) throw new AvroDataError('', 'more bytes than AVRO_MESSAGE_BYTES');
  // No event is shorter than an octet, so a broken count cannot ask for gigabytes.
  if (typeof count === 'bigint' || count < 0 || count > octets.length) {
    throw new AvroDataError('', `${count} events in ${octets.length} octets`);
  }
  return { count, octets };
}

function takeDatums(
  { count, octets }: { count: number; octets: Buffer },
  walk: EventReader,
  schema: WriterSchema,
  taker: DatumTaker,
): void {
  let start = 0;
  for (let i = 0; i < count; i += 1) {
    const end = walk.measure(octets, start, octets.length);
    taker.datum(octets, start, end, schema);
    start = end;
  }
  if (start < octets.length) {
    throw new AvroDataError('', `${octets.length - start} octets are left over after its events`);
  }
}
