/**
 * Chat in an application of Spring Boot 3.5 or 4, by being on its class path: beans and the
 * properties {@code xnest.…} say how. See {@link
 * im.xpro.xnest.server.spring.boot.XnestAutoConfiguration}.
 */
@NullMarked
package im.xpro.xnest.server.spring.boot;

import org.jspecify.annotations.NullMarked;
