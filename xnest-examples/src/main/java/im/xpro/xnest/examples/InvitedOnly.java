package im.xpro.xnest.examples;

import im.xpro.xnest.Admission;
import im.xpro.xnest.Decision;
import im.xpro.xnest.Entry;
import im.xpro.xnest.Grant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** Lets in who brings an invitation, under the name that it was written for. */
public final class InvitedOnly implements Admission {
  private final Map<String, String> names;

  /** Knows the name for each invitation, which comes as the parameter {@code invitation}. */
  public InvitedOnly(Map<String, String> names) {
    this.names = Map.copyOf(names);
  }

  @Override
  public CompletionStage<Decision> decide(Entry entry) {
    return CompletableFuture.completedStage(decision(entry));
  }

  private Decision decision(Entry entry) {
    String invitation = entry.parameter("invitation");
    String name = invitation == null ? null : names.get(invitation);
    if (name == null) {
      return new Decision.Refused(403, "by invitation only");
    }
    Grant grant = Grant.plain().withIdentity("invited:" + name).withMayRename(false);
    return new Decision.Accepted(entry.withNickname(name).with(grant));
  }
}
