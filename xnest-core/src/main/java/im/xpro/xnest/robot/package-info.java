/**
 * A bot that answers what begins with {@code @robot}: give a {@link im.xpro.xnest.robot.Robot} a
 * {@link im.xpro.xnest.robot.Brain}.
 */
@NullMarked
package im.xpro.xnest.robot;

import org.jspecify.annotations.NullMarked;
