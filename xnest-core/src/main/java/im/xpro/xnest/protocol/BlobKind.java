package im.xpro.xnest.protocol;

/** What a sender says a binary frame is, by its first byte (PROTOCOL section 3). */
public enum BlobKind {
  /** First byte 1. */
  AUDIO,
  /** First byte 2. */
  PICTURE,
  /** Any other first byte. */
  FILE;

  static BlobKind ofFirstByte(byte first) {
    return first == 1 ? AUDIO : first == 2 ? PICTURE : FILE;
  }
}
