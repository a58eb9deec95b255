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
  requires static transitive jakarta.websocket;
  requires static org.eclipse.jetty.ee10.websocket.jakarta.common; // for it on Jetty, as the next
  requires static org.eclipse.jetty.util;
  requires static org.eclipse.jetty.websocket.core.common;
  requires static undertow.core; // for it on Undertow, as the next
  requires static undertow.websockets.jsr;
  requires static micrometer.core; // for im.xpro.xnest.server.metrics alone
  requires static spring.beans; // for im.xpro.xnest.server.spring alone, as the next
  requires static spring.boot;
  requires static spring.boot.autoconfigure;
  requires static spring.context;
  requires static spring.core;
  requires static spring.web;
  requires static spring.webmvc;
  requires static spring.websocket;
  requires static transitive org.jspecify;

  exports im.xpro.xnest.server;
  exports im.xpro.xnest.server.jakarta;
  exports im.xpro.xnest.server.javawebsocket;
  exports im.xpro.xnest.server.metrics;
  exports im.xpro.xnest.server.netty;
  exports im.xpro.xnest.server.spring;
  exports im.xpro.xnest.server.spring.boot;
  exports im.xpro.xnest.server.testkit;
}
