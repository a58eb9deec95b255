package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import im.xpro.xnest.blob.Blob;
import im.xpro.xnest.blob.BlobStore;
import im.xpro.xnest.protocol.BlobKind;
import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.Frame;
import im.xpro.xnest.protocol.RoomId;
import im.xpro.xnest.testkit.Guest;
import im.xpro.xnest.testkit.RoomKit;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@DisplayName("§3 binary message: audio, picture, file")
class MediaTest {
  final BlobStore blobs = BlobStore.inMemory();
  final RoomKit kit = RoomKit.create(builder -> builder.blobs(blobs));
  final Guest ming = kit.enter("lobby", "小明");
  final Guest lin = kit.enter("lobby", "Lin");

  @ParameterizedTest
  @CsvSource({
    "1, AUDIO, audio",
    "2, PICTURE, picture",
    "3, FILE, file",
    "0, FILE, file",
    "127, FILE, file",
    "-128, FILE, file",
    "-1, FILE, file"
  })
  void firstByteSaysWhatItIs(byte first, BlobKind kind, String type) throws IOException {
    kit.forgetWhatWasHeard();

    ming.sends(first, (byte) 42);

    JsonObject frame = JsonParser.parseString(lin.hearsJson()).getAsJsonObject();
    assertThat(frame.get("type").getAsString()).isEqualTo(type);
    assertThat(blobs.get(new RoomId("lobby"), "b1").kind()).isEqualTo(kind);
  }

  @Test
  void everybodyHearsItTheSenderToo() {
    kit.forgetWhatWasHeard();

    ming.sends((byte) 2, (byte) 42);

    assertThat(ming.hears()).isEqualTo(ming.shared(BlobKind.PICTURE, "b1"));
    assertThat(lin.hears()).isEqualTo(ming.shared(BlobKind.PICTURE, "b1"));
    kit.expectNothingUnread();
  }

  @Test
  void theRestIsTheContent() throws IOException {
    ming.sends((byte) 2, (byte) 2, (byte) 0, (byte) -1);

    Blob blob = blobs.get(new RoomId("lobby"), "b1");
    assertThat(blob.size()).isEqualTo(3);
    try (InputStream content = blob.open(0)) {
      assertThat(content.readAllBytes()).containsExactly(2, 0, -1);
    }
  }

  @Test
  void itIsStoredFirstAndThenAnnounced() throws IOException {
    kit.forgetWhatWasHeard();
    kit.storage().hold();

    ming.sends((byte) 2, (byte) 42);

    kit.expectNothingUnread();
    assertThat(blobs.get(new RoomId("lobby"), "b1")).isNull();
    kit.storage().letGo();
    assertThat(lin.hears()).isEqualTo(ming.shared(BlobKind.PICTURE, "b1"));
    assertThat(blobs.get(new RoomId("lobby"), "b1")).isNotNull();
  }

  @ParameterizedTest
  @CsvSource({
    "lobby, lobby",
    "大厅, %E5%A4%A7%E5%8E%85",
    "a b+c, a%20b%2Bc",
    "'100%?#&\"<', '100%25%3F%23%26%22%3C'"
  })
  void payloadIsAnAbsoluteUrlWithTheRoomPercentEncoded(String room, String encoded) {
    Guest bo = kit.enter(room, "Bo");
    kit.forgetWhatWasHeard();

    bo.sends((byte) 2, (byte) 42);

    String url =
        JsonParser.parseString(bo.hearsJson()).getAsJsonObject().get("payload").getAsString();
    assertThat(url).isEqualTo("http://chat.example.com/" + encoded + "/b1");
    assertThat(URI.create(url)).hasScheme("http").hasNoQuery().hasNoFragment();
  }

  @Test
  void historyHasTheSameUrlUnderTheSameType() {
    kit.forgetWhatWasHeard();
    ming.sends((byte) 1, (byte) 42);
    JsonObject live = JsonParser.parseString(lin.hearsJson()).getAsJsonObject();

    lin.types("@history:0");

    JsonObject record =
        JsonParser.parseString(lin.hearsJson())
            .getAsJsonObject()
            .getAsJsonArray("payload")
            .get(0)
            .getAsJsonObject();
    for (String key : new String[] {"from", "type", "payload", "send_time"}) {
      assertThat(record.get(key)).isEqualTo(live.get(key));
    }
  }

  @ParameterizedTest
  @ValueSource(bytes = {1, 2, 3})
  void noContentIsAnError(byte first) {
    kit.forgetWhatWasHeard();

    ming.sends(first);

    assertThat(ming.hears()).isEqualTo(ming.failed("the binary frame has no content"));
    kit.expectNothingUnread();
  }

  @Test
  void emptyFrameIsAnError() {
    kit.forgetWhatWasHeard();

    ming.sends();

    assertThat(ming.hears()).isEqualTo(ming.failed("the binary frame is empty"));
    kit.expectNothingUnread();
  }

  @Test
  void mediaThatCannotBeStoredAreAnErrorForTheirSenderAlone() {
    RoomKit full = RoomKit.create(builder -> builder.blobs(new FullBlobs()));
    Guest bo = full.enter("lobby", "Bo");
    Guest wei = full.enter("lobby", "Wei");
    full.forgetWhatWasHeard();

    bo.sends((byte) 2, (byte) 42);
    bo.types("well then");

    assertThat(bo.hears()).isEqualTo(bo.failed("the media could not be stored"));
    assertThat(wei.hears()).isEqualTo(bo.said("well then"));
    wei.hearsNothing();
  }

  @Test
  void withoutAPlaceToServeThemMediaAreAnError() {
    Xnest noMedia = Xnest.builder().executor(Runnable::run).build();
    Ear ear = new Ear();

    noMedia
        .enter(Entry.of(new RoomId("lobby"), "Bo"), ear)
        .binary(ByteBuffer.wrap(new byte[] {2, 42}));

    assertThat(ear.frames())
        .extracting(Frame::event)
        .last()
        .isEqualTo(new Event.Failed("this server takes no media"));
  }

  @Test
  void blobIdsHaveAtLeast128RandomBitsAndAreSafeAsFileNames() {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 1_000; i++) {
      ids.add(Ids.blob());
    }

    assertThat(ids).hasSize(1_000).allMatch(id -> id.matches("[0-9a-f]{32,}"));
  }

  private static final class FullBlobs implements BlobStore {
    @Override
    public void put(RoomId room, String id, BlobKind kind, boolean isKept, ByteBuffer content)
        throws IOException {
      throw new IOException("no space left");
    }

    @Override
    public Blob get(RoomId room, String id) {
      return null;
    }

    @Override
    public void remove(RoomId room, String id) {}
  }
}
