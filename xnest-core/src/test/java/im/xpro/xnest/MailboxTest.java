package im.xpro.xnest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class MailboxTest {
  final List<String> done = new ArrayList<>();
  final List<Throwable> failures = new ArrayList<>();
  final Queue<Runnable> turns = new ArrayDeque<>();

  Mailbox mailbox(Executor executor) {
    return new Mailbox(executor, () -> done.add("end"), failures::add);
  }

  @Test
  void whatWaitsIsRunInOneTurnAndInOrder() {
    Mailbox mailbox = mailbox(turns::add);

    mailbox.execute(() -> done.add("a"));
    mailbox.execute(() -> done.add("b"));

    assertThat(turns).hasSize(1);
    turns.remove().run();
    assertThat(done).containsExactly("a", "b", "end");
    assertThat(turns).isEmpty();
  }

  @Test
  void whatIsUrgentRunsBeforeAllThatWaits() {
    Mailbox mailbox = mailbox(turns::add);

    mailbox.execute(() -> done.add("c"));
    mailbox.executeFirst(() -> done.add("a"));
    mailbox.executeFirst(() -> done.add("b"));

    turns.remove().run();
    assertThat(done).containsExactly("a", "b", "c", "end");
    mailbox.executeFirst(() -> done.add("alone"));
    turns.remove().run();
    assertThat(done).endsWith("alone", "end");
  }

  @Test
  void taskOfATaskRunsBehindAllThatWaits() {
    Mailbox mailbox = mailbox(Runnable::run);

    mailbox.execute(
        () -> {
          mailbox.execute(() -> done.add("b"));
          mailbox.execute(() -> done.add("c"));
          done.add("a");
        });

    assertThat(done).containsExactly("a", "b", "c", "end");
  }

  @Test
  void taskOfTheEndOfATurnHasItsOwnEnd() {
    Mailbox[] mailbox = new Mailbox[1];
    mailbox[0] =
        new Mailbox(
            Runnable::run,
            () -> {
              done.add("end");
              if (done.size() < 4) {
                mailbox[0].execute(() -> done.add("more"));
              }
            },
            failures::add);

    mailbox[0].execute(() -> done.add("a"));

    assertThat(done).containsExactly("a", "end", "more", "end");
  }

  @Test
  void batchIsOneTurnOnTheSameThread() {
    Mailbox mailbox = mailbox(turns::add);

    mailbox.batch(
        () -> {
          mailbox.execute(() -> done.add("a"));
          mailbox.execute(() -> done.add("b"));
          assertThat(done).isEmpty();
        },
        true);

    assertThat(done).containsExactly("a", "b", "end");
    assertThat(turns).isEmpty();
    mailbox.batch(() -> {}, true);
    assertThat(done).hasSize(3);
    mailbox.execute(() -> done.add("c"));
    turns.remove().run();
    assertThat(done).endsWith("c", "end");
  }

  @Test
  void batchIsOneTurnOfTheExecutor() {
    Mailbox mailbox = mailbox(turns::add);

    mailbox.batch(
        () -> {
          mailbox.execute(() -> done.add("a"));
          mailbox.execute(() -> done.add("b"));
          assertThat(turns).isEmpty();
        },
        false);

    assertThat(done).isEmpty();
    assertThat(turns).hasSize(1);
    turns.remove().run();
    assertThat(done).containsExactly("a", "b", "end");
  }

  @Test
  void batchDuringATurnBelongsToThatTurn() {
    Mailbox mailbox = mailbox(turns::add);
    mailbox.execute(
        () -> {
          mailbox.batch(() -> mailbox.execute(() -> done.add("b")), true);
          done.add("a");
        });

    turns.remove().run();

    assertThat(done).containsExactly("a", "b", "end");
    assertThat(turns).isEmpty();
  }

  @Test
  void longBatchLetsTheThreadGoAfterATurn() {
    Mailbox mailbox = mailbox(turns::add);

    mailbox.batch(
        () -> {
          for (int i = 0; i < 100; i++) {
            mailbox.execute(() -> done.add("task"));
          }
        },
        true);

    assertThat(done).hasSize(17).endsWith("task", "end");
    turns.remove().run();
    turns.remove().run();
    assertThat(done).hasSize(103);
  }

  @Test
  void batchThatFailsHasItsTurnAllTheSame() {
    Mailbox mailbox = mailbox(turns::add);

    assertThatThrownBy(
            () ->
                mailbox.batch(
                    () -> {
                      mailbox.execute(() -> done.add("a"));
                      throw new IllegalStateException("bug");
                    },
                    true))
        .hasMessage("bug");

    assertThat(done).containsExactly("a", "end");
  }

  @Test
  void longQueueLetsOtherMailboxesHaveTheirTurn() {
    Mailbox mailbox = mailbox(turns::add);
    for (int i = 0; i < 100; i++) {
      mailbox.execute(() -> done.add("task"));
    }

    turns.remove().run();

    assertThat(done).hasSize(65).endsWith("task", "end");
    assertThat(turns).hasSize(1);
    turns.remove().run();
    assertThat(done).hasSize(102);
  }

  @Test
  void taskThatThrowsIsReportedAndTheNextOnesRun() {
    Error bug = new AssertionError("bug");
    Mailbox mailbox = mailbox(turns::add);
    mailbox.execute(
        () -> {
          throw bug;
        });
    mailbox.execute(() -> done.add("b"));

    turns.remove().run();

    assertThat(failures).containsExactly(bug);
    assertThat(done).containsExactly("b", "end");
  }

  @Test
  void whatWaitsHasItsTurnEvenIfAFailureCannotBeReported() {
    Mailbox mailbox =
        new Mailbox(
            turns::add,
            () -> done.add("end"),
            failure -> {
              throw new OutOfMemoryError("no space for a report");
            });
    mailbox.execute(
        () -> {
          throw new OutOfMemoryError("no space for a task");
        });
    mailbox.execute(() -> done.add("b"));

    assertThatThrownBy(() -> turns.remove().run()).hasMessage("no space for a report");
    turns.remove().run();

    assertThat(done).containsExactly("b", "end");
  }

  @Test
  void turnHasItsEndEvenIfAFailureCannotBeReported() {
    Mailbox mailbox =
        new Mailbox(
            turns::add,
            () -> done.add("end"),
            failure -> {
              throw new OutOfMemoryError("no space for a report");
            });
    mailbox.execute(
        () -> {
          throw new OutOfMemoryError("no space for a task");
        });

    assertThatThrownBy(() -> turns.remove().run()).hasMessage("no space for a report");
    turns.remove().run();

    assertThat(done).containsExactly("end");
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void turnThatTheExecutorRefusesIsRunByTheCaller(boolean outOfThreads) {
    Mailbox mailbox =
        mailbox(
            turn -> {
              if (outOfThreads) {
                throw new OutOfMemoryError("unable to create native thread");
              }
              throw new RejectedExecutionException("full");
            });

    mailbox.execute(() -> done.add("a"));
    mailbox.execute(() -> mailbox.execute(() -> done.add("b")));

    assertThat(done).containsExactly("a", "end", "b", "end");
    assertThat(failures).hasSize(2);
  }

  @Test
  void tenThousandTasksOfOneTaskDoNotExhaustTheStack() {
    Mailbox mailbox = mailbox(Runnable::run);

    mailbox.execute(
        () -> {
          for (int i = 0; i < 10_000; i++) {
            mailbox.execute(() -> done.add("task"));
          }
        });

    assertThat(failures).isEmpty();
    assertThat(done.stream().filter("task"::equals)).hasSize(10_000);
  }

  @Test
  void noTaskIsForgottenAndNoneRunsBesideAnother() throws InterruptedException {
    int threads = 4;
    int tasks = 20_000;
    ExecutorService pool = Executors.newFixedThreadPool(3);
    Queue<Throwable> failed = new ConcurrentLinkedQueue<>();
    CountDownLatch left = new CountDownLatch(threads * tasks);
    Mailbox mailbox = new Mailbox(pool, () -> {}, failed::add);
    int[] unguarded = {0};

    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < threads; i++) {
      senders.add(
          new Thread(
              () -> {
                for (int task = 0; task < tasks; task++) {
                  mailbox.execute(
                      () -> {
                        unguarded[0]++;
                        left.countDown();
                      });
                }
              }));
    }
    senders.forEach(Thread::start);

    boolean all = left.await(20, TimeUnit.SECONDS);
    pool.shutdown();
    assertThat(all).as("all tasks run, but for %s", left).isTrue();
    assertThat(pool.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    assertThat(unguarded[0]).isEqualTo(threads * tasks);
    assertThat(failed).isEmpty();
  }
}
