package im.xpro.xnest.benchmarks;

import java.io.IOException;

/** What the members do. */
enum Workload {
  W1("one room of 100, 16 messages in flight", 1, 100, 16),
  W2("100 rooms of 10, 16 messages in flight in each", 100, 10, 16),
  W3("one room of 1,000, 4 messages in flight", 1, 1_000, 4),
  W4("20 rooms of 20, 500 messages/s in all", 20, 20, 4),
  W5("5,000 idle members in rooms of 100", 50, 100, 0);

  private static final double PER_SECOND = 500;

  final String title;
  private final int rooms;
  private final int members;

  /** Of each room; where messages are paced, while the server warms up. */
  private final int inFlight;

  Workload(String title, int rooms, int members, int inFlight) {
    this.title = title;
    this.rooms = rooms;
    this.members = members;
    this.inFlight = inFlight;
  }

  /**
   * What was measured; NaN where it was not.
   *
   * @param cpuMicros user and system time of the server per delivery
   * @param writes system calls of the server that write, per delivery
   * @param allocated bytes that the server allocated per delivery
   * @param p50 milliseconds from a message to its delivery
   * @param p99 milliseconds from a message to its delivery
   * @param heap live bytes on the server's heap per member
   */
  record Figures(
      double perSecond,
      double cpuMicros,
      double writes,
      double allocated,
      double p50,
      double p99,
      double heap) {}

  /** Measures {@code server}, whose members speak {@code dialect}. */
  Figures measure(Child server, Dialect dialect, double warmUp, double seconds) throws IOException {
    try (Guests guests = new Guests(server.sockets(), dialect)) {
      if (this == W5) {
        return idle(server, guests, seconds);
      }
      join(guests, "bench");
      guests.settle();
      // paced, it would take minutes until the code is compiled
      guests.talk(warmUp, inFlight);
      guests.hearAll();
      boolean paced = this == W4;
      if (paced) {
        // the compilers begin anew, as the code now goes other ways
        guests.talk(warmUp, PER_SECOND);
      }
      Meter meter = new Meter(server, guests);
      if (paced) {
        guests.talk(seconds, PER_SECOND);
      } else {
        guests.talk(seconds, inFlight);
      }
      guests.hearAll();
      return meter.figures(
          paced ? guests.percentile(0.5) : Double.NaN,
          paced ? guests.percentile(0.99) : Double.NaN);
    }
  }

  private void join(Guests guests, String name) throws IOException {
    for (int room = 0; room < rooms; room++) {
      guests.join(name + room, members);
    }
  }

  private Figures idle(Child server, Guests guests, double seconds) throws IOException {
    // else the classes that the first members need would count
    guests.join("first", members);
    guests.listen(seconds);
    double before = server.heap();
    join(guests, "bench");
    guests.listen(seconds);
    double heap = (server.heap() - before) / (rooms * members);
    double none = Double.NaN;
    return new Figures(none, none, none, none, none, none, heap);
  }

  /** What a server used from one moment to another. */
  private static final class Meter {
    private final Child server;
    private final Guests guests;
    private final double allocated;
    private final double writes;
    private final double cpu;
    private final long deliveries;
    private final long began = System.nanoTime();

    Meter(Child server, Guests guests) throws IOException {
      this.server = server;
      this.guests = guests;
      allocated = server.allocated();
      writes = server.writes();
      cpu = server.cpuMicros();
      deliveries = guests.deliveries();
    }

    Figures figures(double p50, double p99) throws IOException {
      double seconds = (System.nanoTime() - began) / 1e9;
      double heard = guests.deliveries() - deliveries;
      return new Figures(
          heard / seconds,
          (server.cpuMicros() - cpu) / heard,
          (server.writes() - writes) / heard,
          (server.allocated() - allocated) / heard,
          p50,
          p99,
          Double.NaN);
    }
  }
}
