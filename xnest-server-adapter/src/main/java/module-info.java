/** Chat rooms over WebSocket, and their blobs over HTTP. */
module im.xpro.xnest.server {
  requires transitive im.xpro.xnest.core;
  requires transitive jdk.httpserver;
  requires transitive org.java_websocket;
  requires org.apache.commons.io; // tika-core needs it and, automatic, cannot say so
  requires org.apache.tika.core;
  requires jdk.management;
  requires org.slf4j;
  requires static transitive io.netty.buffer; // these for im.xpro.xnest.server.netty alone
  requires static transitive io.netty.codec;
  requires static transitive io.netty.codec.http;
  requires static transitive io.netty.common;
  requires static transitive io.netty.handler;
  requires static transitive io.netty.transport;
  requires static java.net.http; // for im.xpro.xnest.server.testkit alone
  requires static transitive jakarta.servlet; // for im.xpro.xnest.server.jakarta alone, as the next
  requires static jakarta.websocket;
  requires static micrometer.core; // for im.xpro.xnest.server.metrics alone
  requires static transitive org.jspecify;

  exports im.xpro.xnest.server;
  exports im.xpro.xnest.server.jakarta;
  exports im.xpro.xnest.server.javawebsocket;
  exports im.xpro.xnest.server.metrics;
  exports im.xpro.xnest.server.netty;
  exports im.xpro.xnest.server.testkit;
}
