package org.motestack.interop;

import static org.motestack.interop.JsonLines.object;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Collection;
import org.eclipse.californium.elements.config.SystemConfig;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.leshan.core.endpoint.Protocol;
import org.eclipse.leshan.core.link.Link;
import org.eclipse.leshan.core.model.StaticModel;
import org.eclipse.leshan.core.observation.CompositeObservation;
import org.eclipse.leshan.core.observation.Observation;
import org.eclipse.leshan.core.observation.SingleObservation;
import org.eclipse.leshan.core.node.TimestampedLwM2mNodes;
import org.eclipse.leshan.core.request.SendRequest;
import org.eclipse.leshan.core.response.ObserveCompositeResponse;
import org.eclipse.leshan.core.response.ObserveResponse;
import org.eclipse.leshan.server.LeshanServer;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.server.model.StaticModelProvider;
import org.eclipse.leshan.server.observation.ObservationListener;
import org.eclipse.leshan.server.registration.Registration;
import org.eclipse.leshan.server.registration.RegistrationListener;
import org.eclipse.leshan.server.registration.RegistrationUpdate;
import org.eclipse.leshan.server.send.SendListener;
import org.eclipse.leshan.transport.californium.server.endpoint.CaliforniumServerEndpointsProvider;
import org.eclipse.leshan.transport.californium.server.endpoint.coap.CoapServerProtocolProvider;
import org.eclipse.leshan.transport.californium.server.endpoint.coaps.CoapsServerProtocolProvider;

/**
 * A Leshan server on loopback, driven by JSON lines. Arguments: the UDP port, 0 for any; for {@code coaps}, the kind and the
 * folder of its credentials and the endpoint name that they are for.
 *
 * Prints {@code {"event":"listening","port":…}} first.
 */
public final class LeshanServerPeer {

    private LeshanServerPeer() {
    }

    public static void main(String[] args) throws Exception {
        int port = args.length > 0 ? Integer.parseInt(args[0]) : 0;
        JsonLines lines = new JsonLines();
        StaticModel model = new StaticModel(PeerModels.all());
        PeerCredentials credentials = args.length > 1 ? new PeerCredentials(args[1], Path.of(args[2])) : null;
        Protocol protocol = credentials == null ? Protocol.COAP : Protocol.COAPS;
        LeshanServerBuilder builder = builder(port, protocol, model);
        if (credentials != null) {
            credentials.applyTo(builder, args[3]);
        }
        LeshanServer server = builder.build();
        server.getRegistrationService().addListener(new RegistrationEvents(lines));
        server.getObservationService().addListener(new NotificationEvents(lines));
        server.getSendService().addListener(new SendEvents(lines));
        server.start();
        int realPort = server.getEndpoint(protocol).getURI().getPort();
        lines.event("listening", object().put("port", realPort));
        lines.serve(new ServerCommands(server, model));
        server.destroy();
        System.exit(0);
    }

    private static LeshanServerBuilder builder(int port, Protocol protocol, StaticModel model) {
        CaliforniumServerEndpointsProvider endpoints = new CaliforniumServerEndpointsProvider.Builder(
                new CoapServerProtocolProvider(), new CoapsServerProtocolProvider())
                .setConfiguration(configuration -> {
                    configuration.set(SystemConfig.HEALTH_STATUS_INTERVAL, 0L, java.util.concurrent.TimeUnit.SECONDS);
                    configuration.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, 6);
                }).addEndpoint(new InetSocketAddress("127.0.0.1", port), protocol).build();
        return new LeshanServerBuilder().setEndpointsProviders(endpoints)
                .setObjectModelProvider(new StaticModelProvider(model));
    }

    static ObjectNode describe(Registration registration) {
        ObjectNode json = object();
        json.put("endpoint", registration.getEndpoint()).put("registrationId", registration.getId());
        json.put("lifetime", registration.getLifeTimeInSec()).put("version", registration.getLwM2mVersion().toString());
        json.put("binding", String.valueOf(registration.getBindingMode())).put("rootPath", registration.getRootPath());
        json.put("contentFormats", String.valueOf(registration.getSupportedContentFormats()));
        var links = json.putArray("links");
        for (Link link : registration.getSortedObjectLinks()) {
            links.add(link.toCoreLinkFormat());
        }
        return json;
    }

    private record RegistrationEvents(JsonLines lines) implements RegistrationListener {
        @Override
        public void registered(Registration registration, Registration previous, Collection<Observation> observations) {
            lines.event("registered", describe(registration).put("replaced", previous != null));
        }

        @Override
        public void updated(RegistrationUpdate update, Registration updated, Registration previous) {
            lines.event("updated", describe(updated));
        }

        @Override
        public void unregistered(Registration registration, Collection<Observation> observations, boolean expired,
                Registration next) {
            lines.event("unregistered", describe(registration).put("expired", expired).put("replaced", next != null));
        }
    }

    private record SendEvents(JsonLines lines) implements SendListener {
        @Override
        public void dataReceived(Registration registration, TimestampedLwM2mNodes data, SendRequest request) {
            ObjectNode json = object();
            data.getMostRecentNodes().forEach((path, node) -> json.set(path.toString(), JsonValues.describe(node)));
            lines.event("sent", object().set("content", json));
        }

        @Override
        public void onError(Registration registration, String errorMessage, Exception error) {
            lines.event("sendError", object().put("error", String.valueOf(errorMessage)));
        }
    }

    private record NotificationEvents(JsonLines lines) implements ObservationListener {
        @Override
        public void newObservation(Observation observation, Registration registration) {
            lines.event("observing", about(observation));
        }

        @Override
        public void cancelled(Observation observation) {
            lines.event("observationCancelled", about(observation));
        }

        @Override
        public void onResponse(SingleObservation observation, Registration registration, ObserveResponse response) {
            ObjectNode json = about(observation).put("path", observation.getPath().toString());
            json.setAll(ServerCommands.describe(response));
            lines.event("notification", json);
        }

        @Override
        public void onResponse(CompositeObservation observation, Registration registration,
                ObserveCompositeResponse response) {
            lines.event("notification", about(observation).put("code", response.getCode().toString()));
        }

        @Override
        public void onError(Observation observation, Registration registration, Exception error) {
            lines.event("notificationError", about(observation).put("error", String.valueOf(error)));
        }

        private static ObjectNode about(Observation observation) {
            return object().put("observation", observation.getId().getAsHexString());
        }
    }
}
