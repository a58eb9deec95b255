package im.xpro.xnest.server.spring.boot;

import im.xpro.xnest.history.Retention;
import im.xpro.xnest.server.Origins;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.unit.DataSize;

/** The properties {@code xnest.…}, each described in the metadata for editors. */
@ConfigurationProperties("xnest")
record XnestProperties(
    @DefaultValue("true") boolean enabled,
    @DefaultValue("") String path,
    @DefaultValue List<String> origins,
    @DefaultValue("false") boolean crossSiteCookie,
    @Nullable URI publicUrl,
    @DefaultValue History history,
    @DefaultValue Media media,
    @DefaultValue Limits limits) {
  private static final String MEDIA = "/xgate/media";

  XnestProperties {
    if (!path.isEmpty() && !path.matches("(/[\\w.-]+)+")) {
      throw new IllegalArgumentException(
          "xnest.path is " + path + ", must be empty or such as /talk");
    }
  }

  String sockets() {
    return path + "/xgate/websocket";
  }

  String mediaPath() {
    return path + MEDIA;
  }

  /** Where clients fetch media, null if nobody said where they reach the application. */
  @Nullable URI mediaBase() {
    return publicUrl == null
        ? null
        : URI.create(publicUrl.toString().replaceFirst("/+$", "") + mediaPath());
  }

  Origins allowedOrigins() {
    if (origins.contains("*")) {
      return Origins.any();
    }
    return origins.isEmpty() ? Origins.sameHost() : Origins.only(origins.toArray(String[]::new));
  }

  record History(
      @DefaultValue("true") boolean inDatabase,
      @DefaultValue("1000") int newestPerRoom,
      @Nullable Duration maxAge) {
    Retention retention() {
      return new Retention(newestPerRoom, maxAge);
    }
  }

  record Media(
      @Nullable Path folder,
      @DefaultValue("1GB") DataSize maxSize,
      @DefaultValue("7d") Duration maxAge) {}

  /** What is null stays as xnest has it. */
  record Limits(
      @Nullable Integer connections,
      @Nullable Integer rooms,
      @Nullable Integer roomMembers,
      @Nullable DataSize maxText,
      @Nullable DataSize maxBinary,
      @Nullable Integer pageEntries,
      @Nullable DataSize page,
      @Nullable DataSize outbox,
      @Nullable Integer messageRate,
      @Nullable Integer messageBurst,
      @Nullable Integer joinRate,
      @Nullable Duration admissionTime) {
    im.xpro.xnest.Limits build() {
      im.xpro.xnest.Limits.Builder builder = im.xpro.xnest.Limits.builder();
      set(connections, builder::connections);
      set(rooms, builder::rooms);
      set(roomMembers, builder::roomMembers);
      set(bytes(maxText), builder::maxTextBytes);
      set(bytes(maxBinary), builder::maxBinaryBytes);
      set(pageEntries, builder::pageEntries);
      set(bytes(page), builder::pageBytes);
      set(bytes(outbox), builder::outboxBytes);
      set(messageRate, builder::messageRate);
      set(messageBurst, builder::messageBurst);
      set(joinRate, builder::joinRate);
      set(admissionTime, builder::admissionTime);
      return builder.build();
    }

    private static <T> void set(@Nullable T value, Consumer<T> to) {
      if (value != null) {
        to.accept(value);
      }
    }

    private static @Nullable Integer bytes(@Nullable DataSize size) {
      return size == null ? null : Math.toIntExact(size.toBytes());
    }
  }
}
