package im.xpro.xnest.server;

import im.xpro.xnest.protocol.BlobKind;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.mime.MediaType;
import org.apache.tika.mime.MediaTypeRegistry;
import org.apache.tika.mime.MimeTypes;

/** Tells from the bytes of a blob what a browser may take it for (PROTOCOL section 4). */
final class MediaTypes {
  /** What may be anything, and is never shown. */
  static final String OPAQUE = "application/octet-stream";

  /**
   * The bytes at the start of a blob that {@link #of} looks at: the first page of any container.
   */
  static final int PREFIX_BYTES = 8 << 10;

  /** By magic numbers only: no detector that happens to be on the class path has a say. */
  private static final MimeTypes DETECTOR = MimeTypes.getDefaultMimeTypes();

  private static final MediaTypeRegistry REGISTRY = DETECTOR.getMediaTypeRegistry();

  /** Kinds of containers that hold sound or pictures, as Tika calls them, and their common name. */
  private static final Map<MediaType, String> CONTAINERS =
      Map.of(
          MediaType.application("x-matroska"), "webm",
          MediaType.application("ogg"), "ogg",
          MediaType.application("quicktime"), "mp4", // MP4 is a kind of QuickTime to Tika
          MediaType.video("3gpp"), "3gpp",
          MediaType.video("3gpp2"), "3gpp");

  private MediaTypes() {}

  /**
   * The value of {@code Content-Type}: an image's, of audio or of video, else {@link #OPAQUE}.
   *
   * @param prefix the blob's first bytes, all or {@link #PREFIX_BYTES}
   */
  static String of(byte[] prefix, BlobKind kind) {
    MediaType type = detect(prefix);
    if (isText(type)) {
      return OPAQUE;
    }
    if (type.getType().equals("image")) {
      return type.getBaseType().toString();
    }
    for (Map.Entry<MediaType, String> container : CONTAINERS.entrySet()) {
      if (REGISTRY.isInstanceOf(type, container.getKey())) {
        return (kind == BlobKind.AUDIO ? "audio/" : "video/") + container.getValue();
      }
    }
    boolean isMedia = type.getType().equals("audio") || type.getType().equals("video");
    return isMedia ? commonName(type) : OPAQUE;
  }

  /** SVG, playlists and whatever else is written as text: it may run, or point to other servers. */
  private static boolean isText(MediaType type) {
    return REGISTRY.isInstanceOf(type, MediaType.TEXT_PLAIN)
        || type.getSubtype().endsWith("mpegurl");
  }

  /** Not every browser plays a WAV under its registered name. */
  private static String commonName(MediaType type) {
    String name = type.getBaseType().toString();
    return name.equals("audio/vnd.wave") ? "audio/wav" : name;
  }

  private static MediaType detect(byte[] prefix) {
    try (InputStream in = new ByteArrayInputStream(prefix)) {
      return DETECTOR.detect(in, new Metadata());
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }
}
