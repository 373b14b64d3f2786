package org.motestack.interop;

import static org.motestack.interop.JsonLines.object;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.leshan.client.LeshanClient;
import org.eclipse.leshan.client.LeshanClientBuilder;
import org.eclipse.leshan.client.engine.DefaultRegistrationEngineFactory;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.client.object.Server;
import org.eclipse.leshan.client.resource.LwM2mObjectEnabler;
import org.eclipse.leshan.client.resource.ObjectsInitializer;
import org.eclipse.leshan.client.servers.LwM2mServer;
import org.eclipse.leshan.core.LwM2mId;
import org.eclipse.leshan.core.model.ObjectModel;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.core.node.LwM2mPath;
import org.eclipse.leshan.core.node.LwM2mResource;
import org.eclipse.leshan.core.node.ObjectLink;
import org.eclipse.leshan.core.util.datatype.ULong;
import org.eclipse.leshan.transport.californium.client.endpoint.CaliforniumClientEndpointsProvider;
import org.eclipse.leshan.transport.californium.client.endpoint.coap.CoapClientProtocolProvider;
import org.eclipse.leshan.transport.californium.client.endpoint.coaps.CoapsClientProtocolProvider;

/**
 * A Leshan client on loopback, driven by JSON lines. Arguments: the server's URI, the lifetime in seconds, the endpoint name;
 * for {@code coaps}, the kind and the folder of its credentials. With the lifetime {@code bootstrap} the URI is that of a
 * bootstrap server, and the client knows no other.
 *
 * It serves Device (3), Temperature (3303/0) and the Test Object (3442/0; more instances may be created).
 */
public final class LeshanClientPeer {

    private static final int SHORT_SERVER_ID = 1;

    private LeshanClientPeer() {
    }

    public static void main(String[] args) throws Exception {
        String uri = args[0];
        boolean bootstraps = args[1].equals("bootstrap");
        Server server = bootstraps ? null : new Server(SHORT_SERVER_ID, Long.parseLong(args[1]));
        String endpoint = args[2];
        JsonLines lines = new JsonLines();
        StaticModel model = new StaticModel(PeerModels.all());
        Map<Integer, RecordingInstance> instances = instances(lines);
        Security security = bootstraps ? Security.noSecBootstrap(uri)
                : args.length > 3 ? new PeerCredentials(args[3], Path.of(args[4])).security(uri, SHORT_SERVER_ID)
                        : Security.noSec(uri, SHORT_SERVER_ID);
        CaliforniumClientEndpointsProvider.Builder provider = new CaliforniumClientEndpointsProvider.Builder(
                new CoapClientProtocolProvider(), new CoapsClientProtocolProvider());
        Configuration configuration = provider.createDefaultConfiguration();
        configuration.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 0);
        CaliforniumClientEndpointsProvider endpoints = provider.setConfiguration(configuration)
                .setClientAddress(InetAddress.getByName("127.0.0.1")).build();
        LeshanClient client = new LeshanClientBuilder(endpoint).setEndpointsProviders(endpoints)
                .setRegistrationEngineFactory(new DefaultRegistrationEngineFactory().setRequestTimeoutInMs(5_000)
                        .setDeregistrationTimeoutInMs(2_000))
                .setObjects(objects(security, server, model, instances, lines)).build();
        client.addObserver(new ClientEvents(lines));
        client.start();
        lines.serve(command -> handle(command, client, instances, model));
        client.destroy(false);
        System.exit(0);
    }

    private static ObjectNode handle(JsonNode command, LeshanClient client, Map<Integer, RecordingInstance> instances,
            StaticModel model) {
        switch (command.path("do").asText()) {
        case "set" -> set(new LwM2mPath(command.path("path").asText()), command.get("value"), instances, model);
        case "update" -> client.triggerRegistrationUpdate();
        case "stop" -> client.stop(command.path("deregister").asBoolean(true));
        case "start" -> client.start();
        case "value" -> {
            LwM2mPath path = new LwM2mPath(command.path("path").asText());
            var answer = instances.get(path.getObjectId()).read(LwM2mServer.SYSTEM,
                    path.getResourceId());
            return ServerCommands.describe(answer);
        }
        default -> throw new IllegalArgumentException("unknown command " + command.path("do"));
        }
        return object();
    }

    private static void set(LwM2mPath path, JsonNode value, Map<Integer, RecordingInstance> instances, StaticModel model) {
        LwM2mResource resource = (LwM2mResource) JsonValues.node(path, value, null, model);
        instances.get(path.getObjectId()).set(path.getResourceId(), resource);
    }

    private static Map<Integer, RecordingInstance> instances(JsonLines lines) {
        return Map.of(LwM2mId.DEVICE, new RecordingInstance(lines, 0, device()),
                PeerModels.TEMPERATURE, new RecordingInstance(lines, 0, temperature()),
                PeerModels.TEST_OBJECT, new RecordingInstance(lines, 0, testValues()));
    }

    private static List<LwM2mObjectEnabler> objects(Security security, Server server, StaticModel model,
            Map<Integer, RecordingInstance> instances, JsonLines lines) {
        ObjectsInitializer initializer = new ObjectsInitializer(model);
        initializer.setInstancesForObject(LwM2mId.SECURITY, security);
        if (server == null) {
            initializer.setClassForObject(LwM2mId.SERVER, Server.class);
        } else {
            initializer.setInstancesForObject(LwM2mId.SERVER, server);
        }
        instances.forEach((objectId, instance) -> {
            initializer.setInstancesForObject(objectId, instance);
            initializer.setFactoryForObject(objectId, (objectModel, id, used) -> created(lines, objectModel, id, used));
        });
        return initializer.create(LwM2mId.SECURITY, LwM2mId.SERVER, LwM2mId.DEVICE, PeerModels.TEMPERATURE,
                PeerModels.TEST_OBJECT);
    }

    /** What a Create makes; without an id the lowest free one is taken. */
    private static RecordingInstance created(JsonLines lines, ObjectModel model, Integer id, Collection<Integer> used) {
        int free = 0;
        while (used.contains(free)) {
            free++;
        }
        RecordingInstance instance = new RecordingInstance(lines, id == null ? free : id, Map.of());
        instance.setModel(model);
        return instance;
    }

    private static Map<Integer, Object> device() {
        Map<Integer, Object> values = new HashMap<>();
        values.put(0, "Motestack interop");
        values.put(1, "Leshan peer");
        values.put(2, "0815");
        values.put(3, "1.0.0");
        values.put(6, Map.of(0, 1L, 1, 5L));
        values.put(7, Map.of(0, 3800L, 1, 5000L));
        values.put(9, 95L);
        values.put(11, Map.of(0, 0L));
        values.put(13, new Date(1_700_000_000_000L));
        values.put(14, "+01:00");
        values.put(15, "Europe/Paris");
        values.put(16, "U");
        return values;
    }

    private static Map<Integer, Object> temperature() {
        Map<Integer, Object> values = new HashMap<>();
        values.put(5700, 21.5);
        values.put(5601, -4.25);
        values.put(5602, 30.125);
        values.put(5701, "Cel");
        values.put(5750, "cellar");
        return values;
    }

    private static Map<Integer, Object> testValues() {
        Map<Integer, Object> values = new HashMap<>();
        values.put(110, "first");
        values.put(120, -1024L);
        values.put(125, ULong.valueOf(4_294_967_296L));
        values.put(130, 3.14159);
        values.put(140, true);
        values.put(150, new byte[] { 0x01, 0x23, (byte) 0xab, (byte) 0xff });
        values.put(160, new Date(1_367_491_215_000L));
        values.put(170, new ObjectLink(3, 0));
        values.put(1110, Map.of(0, "a", 7, "b"));
        values.put(1120, Map.of(0, 2L, 1, -70_000L));
        return values;
    }
}
