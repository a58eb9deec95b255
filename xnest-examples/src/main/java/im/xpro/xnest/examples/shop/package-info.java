/**
 * A small web shop of Spring Boot, and the one class with which it got chat: {@code ShopChat}. Its
 * libraries are not in the chat server's jar.
 */
@NullMarked
package im.xpro.xnest.examples.shop;

import org.jspecify.annotations.NullMarked;
