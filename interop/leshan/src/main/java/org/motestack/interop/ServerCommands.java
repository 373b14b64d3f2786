package org.motestack.interop;

import static org.motestack.interop.JsonLines.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.link.lwm2m.attributes.DefaultLwM2mAttributeParser;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttribute;
import org.eclipse.leshan.core.link.lwm2m.attributes.LwM2mAttributeSet;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.core.node.LwM2mObjectInstance;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.observation.SingleObservation;
import org.eclipse.leshan.core.request.CancelObservationRequest;
import org.eclipse.leshan.core.request.ContentFormat;
import org.eclipse.leshan.core.request.CreateRequest;
import org.eclipse.leshan.core.request.DeleteRequest;
import org.eclipse.leshan.core.request.DiscoverRequest;
import org.eclipse.leshan.core.request.DownlinkDeviceManagementRequest;
import org.eclipse.leshan.core.request.ExecuteRequest;
import org.eclipse.leshan.core.request.ObserveRequest;
import org.eclipse.leshan.core.request.ReadCompositeRequest;
import org.eclipse.leshan.core.request.ReadRequest;
import org.eclipse.leshan.core.request.WriteAttributesRequest;
import org.eclipse.leshan.core.request.WriteCompositeRequest;
import org.eclipse.leshan.core.request.WriteRequest;
import org.eclipse.leshan.core.response.CreateResponse;
import org.eclipse.leshan.core.response.DiscoverResponse;
import org.eclipse.leshan.core.response.LwM2mResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.core.response.ReadCompositeResponse;
import org.eclipse.leshan.core.response.ReadResponse;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.registration.Registration;

/** The commands of {@link LeshanServerPeer}: each request of the device-management interface, in the format asked for. */
final class ServerCommands implements JsonLines.Handler {

    private static final long TIMEOUT_MS = 5_000;
    private final LeshanServer server;
    private final StaticModel model;
    private final Map<String, SingleObservation> observations = new ConcurrentHashMap<>();

    ServerCommands(LeshanServer server, StaticModel model) {
        this.server = server;
        this.model = model;
    }

    @Override
    public ObjectNode handle(JsonNode command) throws Exception {
        String name = command.path("do").asText();
        Registration registration = server.getRegistrationService().getByEndpoint(command.path("endpoint").asText());
        if (registration == null) {
            throw new IllegalStateException("not registered: " + command.path("endpoint"));
        }
        return switch (name) {
        case "registration" -> LeshanServerPeer.describe(registration);
        case "forget" -> {
            server.getRegistrationStore().removeRegistration(registration.getId());
            yield object();
        }
        case "cancelObserve" -> cancel(command, registration);
        default -> send(request(name, command), registration);
        };
    }

    private DownlinkDeviceManagementRequest<? extends LwM2mResponse> request(String name, JsonNode command)
            throws Exception {
        String path = command.path("path").asText();
        ContentFormat format = command.has("format") ? ContentFormat.fromCode(command.get("format").asInt()) : null;
        return switch (name) {
        case "read" -> new ReadRequest(format, path);
        case "observe" -> new ObserveRequest(format, path);
        case "write" -> write(command, new LwM2mPath(path), format);
        case "execute" -> new ExecuteRequest(path, command.path("arguments").asText(""));
        case "create" -> create(command, new LwM2mPath(path), format);
        case "delete" -> new DeleteRequest(path);
        case "readComposite" -> new ReadCompositeRequest(format, format, texts(command.path("paths")));
        case "writeComposite" -> new WriteCompositeRequest(format, values(command.path("values")));
        case "discover" -> new DiscoverRequest(path);
        case "writeAttributes" -> new WriteAttributesRequest(path, attributes(command.path("attributes").asText()));
        default -> throw new IllegalArgumentException("unknown command " + name);
        };
    }

    private WriteRequest write(JsonNode command, LwM2mPath path, ContentFormat format) {
        WriteRequest.Mode mode = WriteRequest.Mode.valueOf(command.path("mode").asText("REPLACE"));
        String type = command.has("type") ? command.get("type").asText() : null;
        return new WriteRequest(mode, format, path, JsonValues.node(path, command.get("value"), type, model));
    }

    private CreateRequest create(JsonNode command, LwM2mPath path, ContentFormat format) {
        var resources = JsonValues.resources(path.getObjectId(), command.get("value"), model);
        if (command.has("instance")) {
            return new CreateRequest(format, path.getObjectId(),
                    new LwM2mObjectInstance(command.get("instance").asInt(), resources));
        }
        return new CreateRequest(format, path.getObjectId(), resources);
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }

    private static Map<String, Object> values(JsonNode object) {
        Map<String, Object> values = new LinkedHashMap<>();
        object.fields().forEachRemaining(entry -> {
            JsonNode value = entry.getValue();
            values.put(entry.getKey(), value.isNumber() ? (Object) value.asLong() : value.asText());
        });
        return values;
    }

    private static LwM2mAttributeSet attributes(String query) throws Exception {
        List<LwM2mAttribute<?>> attributes = new ArrayList<>(new DefaultLwM2mAttributeParser().parseUriQuery(query));
        return new LwM2mAttributeSet(attributes);
    }

    private ObjectNode send(DownlinkDeviceManagementRequest<? extends LwM2mResponse> request, Registration registration)
            throws InterruptedException {
        LwM2mResponse response = server.send(registration, request, TIMEOUT_MS);
        if (response == null) {
            return object().put("error", "timeout");
        }
        if (response instanceof ObserveResponse observe && observe.getObservation() != null) {
            observations.put(observe.getObservation().getId().getAsHexString(), observe.getObservation());
        }
        return describe(response);
    }

    /** Active: GET with Observe 1. Passive: forgotten here, so that the next notification is reset. */
    private ObjectNode cancel(JsonNode command, Registration registration) throws InterruptedException {
        SingleObservation observation = observations.remove(command.path("observation").asText());
        if (observation == null) {
            throw new IllegalStateException("no such observation");
        }
        if (command.path("active").asBoolean()) {
            return send(new CancelObservationRequest(observation), registration);
        }
        server.getObservationService().cancelObservation(observation);
        return object();
    }

    static ObjectNode describe(LwM2mResponse response) {
        ObjectNode json = object();
        int code = response.getCode().getCode();
        json.put("code", code / 100 + "." + (code % 100 < 10 ? "0" : "") + code % 100);
        if (response.getErrorMessage() != null) {
            json.put("errorMessage", response.getErrorMessage());
        }
        if (response.getCoapResponse() instanceof Response coap && coap.getOptions().hasContentFormat()) {
            json.put("contentFormat", coap.getOptions().getContentFormat());
        }
        if (response instanceof ReadResponse read && read.getContent() != null) {
            json.set("content", JsonValues.describe(read.getContent()));
        }
        if (response instanceof ReadCompositeResponse read && read.getContent() != null) {
            ObjectNode content = json.putObject("content");
            read.getContent().forEach((path, node) -> {
                if (node != null) {
                    content.set(path.toString(), JsonValues.describe(node));
                }
            });
        }
        if (response instanceof ObserveResponse observe && observe.getObservation() != null) {
            json.put("observation", observe.getObservation().getId().getAsHexString());
        }
        if (response instanceof CreateResponse create && create.getLocation() != null) {
            json.put("location", create.getLocation());
        }
        if (response instanceof DiscoverResponse discover && discover.getObjectLinks() != null) {
            var links = json.putArray("links");
            for (Link link : discover.getObjectLinks()) {
                links.add(link.toCoreLinkFormat());
            }
        }
        return json;
    }
}
