/**
 * Chat in an application of Spring MVC 6.2 or 7, over Spring's own WebSockets. Start with {@link
 * im.xpro.xnest.server.spring.ChatHandler}, or let Spring Boot do it: {@code
 * im.xpro.xnest.server.spring.boot}. Spring is an optional dependency, so nobody else needs it.
 */
@NullMarked
package im.xpro.xnest.server.spring;

import org.jspecify.annotations.NullMarked;
