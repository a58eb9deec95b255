package im.xpro.xnest;

import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.Supplier;

/** Names for those who bring none, Chinese or English (PROTOCOL section 1, cookie). Any thread. */
final class FriendlyNames implements Supplier<String> {
  private static final List<String> MOODS =
      List.of("Brave ", "Calm ", "Clever ", "Curious ", "Gentle ", "Happy ", "Lively ", "Lucky ");
  private static final List<String> BEINGS =
      List.of("Badger", "Crane", "Dolphin", "Finch", "Fox", "Otter", "Owl", "Panda");
  private static final List<String> CHINESE_MOODS =
      List.of("快乐的", "勇敢的", "安静的", "聪明的", "好奇的", "温柔的", "活泼的", "幸运的");
  private static final List<String> CHINESE_BEINGS =
      List.of("熊猫", "白鹤", "海豚", "狐狸", "小鹿", "燕子", "松鼠", "老虎");

  @Override
  public String get() {
    return ThreadLocalRandom.current().nextBoolean()
        ? pick(MOODS) + pick(BEINGS)
        : pick(CHINESE_MOODS) + pick(CHINESE_BEINGS);
  }

  private static String pick(List<String> words) {
    return words.get(ThreadLocalRandom.current().nextInt(words.size()));
  }
}
