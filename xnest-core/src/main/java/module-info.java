/** Chat rooms to embed: rooms, members, history. Opens no sockets. */
module im.xpro.xnest.core {
  requires com.google.gson;
  requires org.slf4j;
  requires static transitive org.jspecify;
}
