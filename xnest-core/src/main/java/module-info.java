/** Chat rooms to embed: rooms, members, history. Opens no sockets. */
module im.xpro.xnest.core {
  requires com.google.gson;
  requires transitive java.sql;
  requires org.slf4j;
  requires static transitive org.jspecify;

  exports im.xpro.xnest;
  exports im.xpro.xnest.blob;
  exports im.xpro.xnest.history;
  exports im.xpro.xnest.protocol;
  exports im.xpro.xnest.robot;
  exports im.xpro.xnest.testkit;
}
