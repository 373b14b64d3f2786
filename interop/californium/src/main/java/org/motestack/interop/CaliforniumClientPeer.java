package org.motestack.interop;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.californium.core.CoapClient;
import org.eclipse.californium.core.CoapHandler;
import org.eclipse.californium.core.CoapObserveRelation;
import org.eclipse.californium.core.CoapResponse;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.Type;
import org.eclipse.californium.core.coap.Option;
import org.eclipse.californium.core.coap.Request;
import org.eclipse.californium.core.coap.Token;
import org.eclipse.californium.core.coap.option.OptionDefinition;
import org.eclipse.californium.core.coap.option.StandardOptionRegistry;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.tcp.netty.TcpClientConnector;

/** A Californium client, driven by JSON lines. The argument is {@code udp} or {@code tcp}. */
public final class CaliforniumClientPeer {

    private static final long TIMEOUT_MS = 10_000;
    private static final HexFormat HEX = HexFormat.of();

    private final boolean isTcp;
    private final JsonLines lines = new JsonLines();
    private final CoapClient client = new CoapClient();
    private final Map<String, CoapObserveRelation> observations = new ConcurrentHashMap<>();

    private CaliforniumClientPeer(String network) {
        Configuration configuration = CaliforniumConfiguration.make();
        CoapEndpoint.Builder builder = new CoapEndpoint.Builder().setConfiguration(configuration);
        isTcp = network.equals("tcp");
        if (isTcp) {
            builder.setConnector(new TcpClientConnector(configuration));
        }
        client.setEndpoint(builder.build());
        client.setTimeout(TIMEOUT_MS);
    }

    public static void main(String[] arguments) throws Exception {
        CaliforniumClientPeer peer = new CaliforniumClientPeer(arguments[0]);
        peer.lines.event("ready", JsonLines.object());
        peer.lines.serve(peer::handle);
        System.exit(0);
    }

    private ObjectNode handle(JsonNode command) throws Exception {
        return switch (command.path("do").asText()) {
        case "request" -> describe(client.advanced(build(command)), JsonLines.object());
        case "observe" -> observe(command);
        case "cancel" -> {
            observations.remove(command.path("observation").asText()).proactiveCancel();
            yield JsonLines.object();
        }
        case "forget" -> {
            observations.remove(command.path("observation").asText()).reactiveCancel();
            yield JsonLines.object();
        }
        default -> throw new IllegalArgumentException(command.toString());
        };
    }

    private static Request build(JsonNode command) {
        boolean isConfirmable = command.path("confirmable").asBoolean(true);
        Request request = new Request(Code.valueOf(command.path("method").asText("GET")),
                isConfirmable ? Type.CON : Type.NON);
        request.setURI(command.path("uri").asText());
        if (command.has("payload")) {
            request.setPayload(HEX.parseHex(command.path("payload").asText()));
        }
        if (command.has("contentFormat")) {
            request.getOptions().setContentFormat(command.path("contentFormat").asInt());
        }
        if (command.has("accept")) {
            request.getOptions().setAccept(command.path("accept").asInt());
        }
        if (command.has("token")) {
            request.setToken(new Token(HEX.parseHex(command.path("token").asText())));
        }
        for (JsonNode option : command.path("options")) {
            OptionDefinition definition = StandardOptionRegistry.getDefaultOptionRegistry()
                    .getDefinitionByNumber(option.path(0).asInt());
            request.getOptions().addOption(definition.create(HEX.parseHex(option.path(1).asText())));
        }
        return request;
    }

    private ObjectNode observe(JsonNode command) throws Exception {
        String observation = command.path("id").asText();
        CoapHandler handler = new CoapHandler() {
            private boolean isFirst = true;

            @Override
            public synchronized void onLoad(CoapResponse response) {
                if (isFirst) {
                    isFirst = false;
                    return;
                }
                ObjectNode line = JsonLines.object();
                line.put("observation", observation);
                lines.event("notification", describe(response, line));
            }

            @Override
            public void onError() {
                ObjectNode line = JsonLines.object();
                line.put("observation", observation);
                lines.event("observationFailed", line);
            }
        };
        Request request = build(command);
        request.setObserve();
        CoapObserveRelation relation = client.observeAndWait(request, handler);
        if (relation.isCanceled()) {
            throw new IllegalStateException("the observation was not taken");
        }
        observations.put(observation, relation);
        ObjectNode line = JsonLines.object();
        line.put("observation", observation);
        return describe(relation.getCurrent(), line);
    }

    private ObjectNode describe(CoapResponse response, ObjectNode line) {
        if (response == null) {
            throw new IllegalStateException("no answer");
        }
        line.put("code", response.getCode().toString());
        Type type = response.advanced().getType();
        // Messages over TCP have no type; Californium says one all the same.
        line.put("type", isTcp || type == null ? null : type.name());
        line.put("token", response.advanced().getTokenString());
        line.put("payload", HEX.formatHex(response.getPayload() == null ? new byte[0] : response.getPayload()));
        ArrayNode options = line.putArray("options");
        for (Option option : response.getOptions().asSortedList()) {
            options.addArray().add(option.getNumber()).add(HEX.formatHex(option.getValue()));
        }
        return line;
    }
}
