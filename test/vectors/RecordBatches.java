// Writes RecordBatches with the classes of Kafka's own clients (kafka-clients 4.3.1), for test/sources/records/record-set-walk.test.ts:
//   java -cp "LIBS/*" test/vectors/RecordBatches.java 12 | gzip -9n > test/vectors/kafka-record-batches.jsonl.gz
// One line for each batch: its codec, its octets, and what went into it.

import java.nio.ByteBuffer;
import java.util.*;
import org.apache.kafka.common.compress.Compression;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.record.TimestampType;
import org.apache.kafka.common.record.internal.*;

public class RecordBatches {
  public static void main(String[] args) throws Exception {
    Random random = new Random(7);
    Map<String, Compression> codecs = new LinkedHashMap<>();
    codecs.put("none", Compression.NONE);
    codecs.put("gzip", Compression.gzip().build());
    codecs.put("snappy", Compression.snappy().build());
    codecs.put("lz4", Compression.lz4().build());
    codecs.put("zstd", Compression.zstd().build());
    for (int round = 0; round < Integer.parseInt(args[0]); round++)
      for (Map.Entry<String, Compression> codec : codecs.entrySet()) one(codec.getKey(), codec.getValue(), round, random);
  }

  static void one(String name, Compression codec, int round, Random random) {
    int count = round == 0 ? 1 : round == 1 ? 600 : 1 + random.nextInt(30);
    boolean append = round % 3 == 2;
    long base = round == 0 ? 0 : (1L << 40) + random.nextInt(1000);
    boolean transactional = round % 4 == 3;
    MemoryRecordsBuilder builder = new MemoryRecordsBuilder(ByteBuffer.allocate(1 << 16), (byte) 2, codec,
        append ? TimestampType.LOG_APPEND_TIME : TimestampType.CREATE_TIME, base, 1_700_000_000_123L,
        transactional ? 4711L : -1L, (short) (transactional ? 3 : -1), transactional ? 12 : -1, transactional, false, 5, 1 << 24);
    StringBuilder json = new StringBuilder();
    long offset = base;
    for (int i = 0; i < count; i++) {
      byte[] key = random.nextInt(4) == 0 ? null : bytes(random, 12);
      byte[] value = random.nextInt(8) == 0 ? null : bytes(random, round == 1 ? 40 : 120);
      Header[] headers = new Header[random.nextInt(3) == 0 ? random.nextInt(4) : 0];
      for (int h = 0; h < headers.length; h++)
        headers[h] = new RecordHeader("h" + random.nextInt(2), random.nextInt(4) == 0 ? null : bytes(random, 9));
      long timestamp = 1_700_000_000_000L + random.nextInt(100_000);
      builder.appendWithOffset(offset, timestamp, key, value, headers);
      json.append(i == 0 ? "" : ",").append("[").append(offset).append(",")
          .append(append ? 1_700_000_000_123L : timestamp).append(",").append(text(key)).append(",").append(text(value)).append(",[");
      for (int h = 0; h < headers.length; h++)
        json.append(h == 0 ? "" : ",").append("[\"").append(headers[h].key()).append("\",").append(text(headers[h].value())).append("]");
      json.append("]]");
      // What compaction leaves has gaps.
      offset += random.nextInt(6) == 0 ? 1 + random.nextInt(300) : 1;
    }
    ByteBuffer octets = builder.build().buffer();
    byte[] all = new byte[octets.remaining()];
    octets.get(all);
    System.out.println("{\"codec\":\"" + name + "\",\"octets\":\"" + Base64.getEncoder().encodeToString(all)
        + "\",\"records\":[" + json + "]}");
  }

  static byte[] bytes(Random random, int most) {
    byte[] bytes = new byte[random.nextInt(most)];
    // Some of it repeats itself, so that there is something to compress.
    for (int i = 0; i < bytes.length; i++) bytes[i] = (byte) (random.nextInt(3) == 0 ? random.nextInt() : 'a' + i % 7);
    return bytes;
  }

  static String text(byte[] bytes) {
    return bytes == null ? "null" : "\"" + Base64.getEncoder().encodeToString(bytes) + "\"";
  }
}
