package im.xpro.xnest.server.jakarta;

import io.undertow.servlet.Servlets;
import io.undertow.servlet.api.DeploymentManager;
import io.undertow.servlet.api.ListenerInfo;
import io.undertow.websockets.jsr.WebSocketDeploymentInfo;

final class UndertowSite {
  static DeploymentManager deploy(ListenerInfo chat) {
    DeploymentManager application =
        Servlets.newContainer()
            .addDeployment(
                Servlets.deployment()
                    .setDeploymentName("site")
                    .setContextPath("/")
                    .setClassLoader(UndertowSite.class.getClassLoader())
                    .addServletContextAttribute(
                        WebSocketDeploymentInfo.ATTRIBUTE_NAME, new WebSocketDeploymentInfo())
                    .addListener(chat));
    application.deploy();
    return application;
  }
}
