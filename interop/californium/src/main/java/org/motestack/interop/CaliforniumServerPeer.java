package org.motestack.interop;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetSocketAddress;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.tcp.netty.TcpServerConnector;

/** A Californium server with the plugtest's resources. The argument is {@code udp} or {@code tcp}; the port is its own choice. */
public final class CaliforniumServerPeer {

    private CaliforniumServerPeer() {
    }

    public static void main(String[] arguments) throws Exception {
        Configuration configuration = CaliforniumConfiguration.make();
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", 0);
        CoapEndpoint.Builder builder = new CoapEndpoint.Builder().setConfiguration(configuration);
        if (arguments[0].equals("tcp")) {
            builder.setConnector(new TcpServerConnector(address, configuration));
        } else {
            builder.setInetSocketAddress(address);
        }
        CoapEndpoint endpoint = builder.build();
        CoapServer server = new CoapServer(configuration);
        server.addEndpoint(endpoint);
        PlugtestResources resources = new PlugtestResources();
        resources.all().forEach(server::add);
        server.start();
        JsonLines lines = new JsonLines();
        ObjectNode listening = JsonLines.object();
        listening.put("port", endpoint.getAddress().getPort());
        lines.event("listening", listening);
        lines.serve(command -> JsonLines.object());
        resources.stop();
        server.destroy();
    }
}
