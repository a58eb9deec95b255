/**
 * Chat in a web application of Jakarta EE 10 or later: Tomcat, Jetty, Undertow and whatever else
 * has Servlet 6.0 and WebSocket 2.1, and opens the endpoint that it is given. Start with {@link
 * im.xpro.xnest.server.jakarta.ChatFilter}. Both APIs are optional dependencies, so nobody else
 * needs them.
 */
@NullMarked
package im.xpro.xnest.server.jakarta;

import org.jspecify.annotations.NullMarked;
