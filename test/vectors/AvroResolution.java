// What Apache Avro's Java implementation makes of a datum by a reader schema, for test/avro/evolution-java.test.ts:
//   java -cp "LIBS/*" test/vectors/AvroResolution.java CASES
// CASES has one JSON object a line: writer and reader (schemas as text) and datum (base64). One line is printed for each:
// the value, tagged by its types, or "refuses" and why.

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.*;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.*;
import java.util.*;
import org.apache.avro.Schema;
import org.apache.avro.generic.*;
import org.apache.avro.io.DecoderFactory;
import org.apache.avro.util.Utf8;

public class AvroResolution {
  public static void main(String[] args) throws Exception {
    ObjectMapper mapper = new ObjectMapper();
    PrintStream out = new PrintStream(new BufferedOutputStream(new FileOutputStream(FileDescriptor.out)), false, "UTF-8");
    try (BufferedReader lines = Files.newBufferedReader(Path.of(args[0]), StandardCharsets.UTF_8)) {
      for (String line; (line = lines.readLine()) != null;) out.println(one(mapper.readTree(line)));
    }
    out.flush();
  }

  static String one(JsonNode test) {
    try {
      // As Confluent's deserializer and Java's files read a writer's schema: its defaults are not looked at.
      Schema writer = new Schema.Parser().setValidateDefaults(false).parse(test.get("writer").textValue());
      Schema reader = new Schema.Parser().parse(test.get("reader").textValue());
      byte[] datum = Base64.getDecoder().decode(test.get("datum").textValue());
      Object value = new GenericDatumReader<>(writer, reader).read(null, DecoderFactory.get().binaryDecoder(datum, null));
      StringBuilder text = new StringBuilder();
      value(text, reader, value);
      return text.toString();
    } catch (Exception | StackOverflowError refusal) {
      return "refuses " + String.valueOf(refusal).replaceAll("\\s+", " ");
    }
  }

  static void value(StringBuilder text, Schema schema, Object value) {
    switch (schema.getType()) {
      case UNION -> value(text, schema.getTypes().get(GenericData.get().resolveUnion(schema, value)), value);
      case NULL -> text.append("null");
      case BOOLEAN -> text.append(value);
      case INT -> text.append("\"i").append(value).append('"');
      case LONG -> text.append("\"l").append(value).append('"');
      case FLOAT -> text.append(String.format("\"f%08x\"", Float.floatToIntBits((Float) value)));
      case DOUBLE -> text.append(String.format("\"d%016x\"", Double.doubleToLongBits((Double) value)));
      case STRING -> text.append("\"s").append(hex(octets(value))).append('"');
      case BYTES -> text.append("\"b").append(hex(octets(value))).append('"');
      case FIXED -> text.append("\"x").append(hex(((GenericFixed) value).bytes())).append('"');
      case ENUM -> text.append("\"e").append(value).append('"');
      case ARRAY -> {
        String between = "[";
        for (Object item : (Collection<?>) value) {
          text.append(between);
          value(text, schema.getElementType(), item);
          between = ",";
        }
        text.append(between.equals("[") ? "[]" : "]");
      }
      case MAP -> {
        TreeMap<String, Object> sorted = new TreeMap<>();
        for (Map.Entry<?, ?> entry : ((Map<?, ?>) value).entrySet()) sorted.put(hex(octets(entry.getKey())), entry.getValue());
        String between = "{";
        for (Map.Entry<String, Object> entry : sorted.entrySet()) {
          text.append(between).append('"').append(entry.getKey()).append("\":");
          value(text, schema.getValueType(), entry.getValue());
          between = ",";
        }
        text.append(between.equals("{") ? "{}" : "}");
      }
      case RECORD -> {
        text.append("[\"").append(schema.getFullName()).append('"');
        for (Schema.Field field : schema.getFields()) {
          text.append(',');
          value(text, field.schema(), ((GenericRecord) value).get(field.pos()));
        }
        text.append(']');
      }
    }
  }

  static byte[] octets(Object value) {
    if (value instanceof Utf8 text) return Arrays.copyOf(text.getBytes(), text.getByteLength());
    if (value instanceof CharSequence text) return text.toString().getBytes(StandardCharsets.UTF_8);
    ByteBuffer buffer = ((ByteBuffer) value).duplicate();
    byte[] octets = new byte[buffer.remaining()];
    buffer.get(octets);
    return octets;
  }

  static String hex(byte[] octets) {
    return HexFormat.of().formatHex(octets);
  }
}
