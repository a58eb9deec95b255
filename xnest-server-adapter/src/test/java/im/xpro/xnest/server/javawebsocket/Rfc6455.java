package im.xpro.xnest.server.javawebsocket;

import static java.nio.charset.StandardCharsets.UTF_8;

import im.xpro.xnest.Limits;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What a client's whole stream means, read a second time straight from RFC 6455 section 5, slowly:
 * one line for each message, the last perhaps {@code violation} or {@code close} and its code.
 */
final class Rfc6455 {
  final List<String> heard = new ArrayList<>();
  private final Limits limits;
  private final byte[] stream;
  private int at;
  private int opcode;
  private boolean fin;
  private int messageOpcode;
  private int fragments;
  private final ByteArrayOutputStream message = new ByteArrayOutputStream();

  Rfc6455(Limits limits, byte[] stream) {
    this.limits = limits;
    this.stream = stream;
    while (frame()) {}
  }

  /** Whether the stream ends within a frame or a message, without anything wrong so far. */
  boolean isUnfinished() {
    return !isOver() && (at < stream.length || fragments > 0);
  }

  /** The code that a server must close with; 0 if it need not yet. */
  int closeCode() {
    return isOver() ? Integer.parseInt(last().substring(last().indexOf(' ') + 1)) : 0;
  }

  private boolean isOver() {
    return last().startsWith("violation ") || last().startsWith("close ");
  }

  private String last() {
    return heard.isEmpty() ? "" : heard.get(heard.size() - 1);
  }

  private boolean fail(int code) {
    heard.add("violation " + code);
    return false;
  }

  private int octet(int index) {
    return stream[at + index] & 0xFF;
  }

  /** Reads one frame; false if there is none, or none after it. */
  private boolean frame() {
    if (stream.length - at < 2) {
      return false;
    }
    String bits = Integer.toBinaryString(0x10000 | octet(0) << 8 | octet(1)).substring(1);
    fin = bits.charAt(0) == '1';
    opcode = Integer.parseInt(bits.substring(4, 8), 2);
    int length7 = Integer.parseInt(bits.substring(9), 2);
    boolean isControl = List.of(8, 9, 10).contains(opcode);
    if (!bits.startsWith("000", 1)
        || bits.charAt(8) == '0'
        || !isControl && !List.of(0, 1, 2).contains(opcode)
        || isControl && (!fin || length7 > 125)
        || opcode == 0 && fragments == 0
        || (opcode == 1 || opcode == 2) && fragments > 0) {
      return fail(1002);
    }
    int lengthBytes = length7 == 126 ? 2 : length7 == 127 ? 8 : 0;
    int headerBytes = 2 + lengthBytes + 4;
    if (stream.length - at < headerBytes) {
      return false;
    }
    BigInteger length = BigInteger.valueOf(length7);
    if (lengthBytes > 0) {
      length = new BigInteger(1, Arrays.copyOfRange(stream, at + 2, at + 2 + lengthBytes));
      int least = lengthBytes == 2 ? 126 : 0x10000;
      if (length.bitLength() > 63 || length.compareTo(BigInteger.valueOf(least)) < 0) {
        return fail(1002);
      }
    }
    if (!isControl) {
      messageOpcode = opcode == 0 ? messageOpcode : opcode;
      int most = messageOpcode == 1 ? limits.maxTextBytes() : limits.maxBinaryBytes();
      BigInteger sum = length.add(BigInteger.valueOf(message.size()));
      if (sum.compareTo(BigInteger.valueOf(most)) > 0 || ++fragments > limits.fragments()) {
        return fail(1009);
      }
    }
    if (stream.length - at - headerBytes < length.intValueExact()) {
      return false;
    }
    byte[] payload = new byte[length.intValueExact()];
    for (int i = 0; i < payload.length; i++) {
      payload[i] = (byte) (octet(headerBytes + i) ^ octet(headerBytes - 4 + i % 4));
    }
    at += headerBytes + payload.length;
    return isControl ? control(payload) : data(payload);
  }

  private boolean control(byte[] payload) {
    if (opcode == 9) {
      heard.add("ping " + Arrays.toString(payload));
    }
    return opcode != 8 || close(payload);
  }

  private boolean close(byte[] payload) {
    if (payload.length == 0) {
      heard.add("close 1005");
      return false;
    }
    int code = payload.length == 1 ? 0 : (payload[0] & 0xFF) << 8 | payload[1] & 0xFF;
    List<Integer> registered =
        List.of(1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014);
    if (!registered.contains(code) && (code < 3000 || code > 4999)) {
      return fail(1002);
    }
    if (utf8(Arrays.copyOfRange(payload, 2, payload.length)) == null) {
      return fail(1007);
    }
    heard.add("close " + code);
    return false;
  }

  private boolean data(byte[] payload) {
    message.writeBytes(payload);
    if (!fin) {
      return true;
    }
    byte[] whole = message.toByteArray();
    message.reset();
    fragments = 0;
    if (messageOpcode == 2) {
      heard.add("binary " + whole.length + " " + Arrays.hashCode(whole));
      return true;
    }
    String text = utf8(whole);
    return text == null ? fail(1007) : heard.add("text " + text);
  }

  private static String utf8(byte[] bytes) {
    String text = new String(bytes, UTF_8);
    return Arrays.equals(text.getBytes(UTF_8), bytes) ? text : null;
  }
}
