package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;

import im.xpro.xnest.protocol.Event;
import im.xpro.xnest.protocol.FrameWriter;
import im.xpro.xnest.protocol.HistoryEntry;
import im.xpro.xnest.protocol.MemberId;
import im.xpro.xnest.protocol.RoomId;
import java.net.URI;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;

@DisplayName("§3 history: where pages begin")
class BookmarksTest {
  final FrameWriter writer = new FrameWriter(URI.create("http://chat.example.com"), ZoneOffset.UTC);
  final Bookmarks bookmarks = new Bookmarks(10, 3);

  @BeforeEach
  void anchorAtAThousand() {
    bookmarks.anchorAt(1_000);
  }

  /** A page whose oldest record has this number. */
  Page pageFrom(long oldest) {
    Page page = new Page(writer, 10, 1 << 20);
    page.addNewest(
        new HistoryEntry(
            new RoomId("lobby"),
            oldest,
            new MemberId("m1"),
            "小明",
            new Event.Said("text"),
            Instant.EPOCH));
    return page;
  }

  @Test
  void newestPageEndsAtTheAnchor() {
    assertThat(bookmarks.before(0)).isEqualTo(1_001);
  }

  @Test
  void nextPageGoesOnWhereAnEarlyOneEnded() {
    bookmarks.sent(0, pageFrom(998));

    assertThat(bookmarks.before(0)).isEqualTo(1_001);
    assertThat(bookmarks.before(1)).isEqualTo(998);
    bookmarks.sent(1, pageFrom(988));
    assertThat(bookmarks.before(2)).isEqualTo(988);
    bookmarks.sent(2, pageFrom(987));
    assertThat(bookmarks.before(3)).isEqualTo(987);
  }

  @Test
  void jumpCountsFullPagesFromTheLastKnownEnd() {
    assertThat(bookmarks.before(7)).isEqualTo(931);

    bookmarks.sent(0, pageFrom(998));

    assertThat(bookmarks.before(7)).isEqualTo(938);
  }

  @Test
  void pageAfterAJumpGoesOnWhereItEnded() {
    bookmarks.sent(0, pageFrom(991));
    bookmarks.sent(7, pageFrom(925));

    assertThat(bookmarks.before(8)).isEqualTo(925);
  }

  @Test
  void pageAfterAJumpStaysWhereItIsWhenEarlierOnesAreShorterThanThought() {
    bookmarks.sent(7, pageFrom(921));

    bookmarks.sent(0, pageFrom(998));

    assertThat(bookmarks.before(8)).isEqualTo(921);
  }

  @Test
  void pageThatIsAskedForAgainIsTheSame() {
    bookmarks.sent(0, pageFrom(998));
    bookmarks.sent(1, pageFrom(990));
    bookmarks.sent(0, pageFrom(998));

    assertThat(bookmarks.before(1)).isEqualTo(998);
    assertThat(bookmarks.before(2)).isEqualTo(990);
  }

  @Test
  void newAnchorForgetsThePagesBefore() {
    bookmarks.sent(0, pageFrom(998));

    bookmarks.anchorAt(2_000);

    assertThat(bookmarks.before(0)).isEqualTo(2_001);
    assertThat(bookmarks.before(1)).isEqualTo(1_991);
  }

  @Test
  void emptyPageChangesNothing() {
    bookmarks.sent(0, new Page(writer, 10, 1 << 20));

    assertThat(bookmarks.before(1)).isEqualTo(991);
  }

  @Test
  void noPageIsNumberedTooHigh() {
    assertThat(bookmarks.before(100)).isEqualTo(1);
    assertThat(bookmarks.before(101)).isLessThan(1);
    assertThat(bookmarks.before(Long.MAX_VALUE)).isZero();
    bookmarks.sent(0, pageFrom(998));
    assertThat(bookmarks.before(Long.MAX_VALUE)).isZero();
  }

  @Test
  void noMoreEndsAreRememberedThanTheLimitAndThoseAreTheHighest() {
    for (int cursor = 0; cursor < 10; cursor++) {
      bookmarks.sent(cursor, pageFrom(bookmarks.before(cursor) - 1));
    }

    assertThat(bookmarks.remembered()).isEqualTo(3);
    assertThat(bookmarks.before(10)).isEqualTo(991);
    assertThat(bookmarks.before(9)).isEqualTo(992);
  }

  @Test
  void fullPagesThatAreWalkedThroughNeedNoMemory() {
    for (int cursor = 0; cursor < 100; cursor++) {
      bookmarks.sent(cursor, pageFrom(bookmarks.before(cursor) - 10));
    }

    assertThat(bookmarks.remembered()).isZero();
    assertThat(bookmarks.before(50)).isEqualTo(501);
  }
}
