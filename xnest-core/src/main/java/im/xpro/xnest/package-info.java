/**
 * The front of xnest: chat rooms that open no socket. {@link im.xpro.xnest.Xnest} is where to
 * start: a transport asks it to {@link im.xpro.xnest.Xnest#admit admit} and then to {@link
 * im.xpro.xnest.Xnest#enter enter}, feeds the {@link im.xpro.xnest.Inlet} and serves the {@link
 * im.xpro.xnest.Outlet}.
 */
@NullMarked
package im.xpro.xnest;

import org.jspecify.annotations.NullMarked;
