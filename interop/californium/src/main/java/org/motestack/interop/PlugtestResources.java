package org.motestack.interop;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.IntFunction;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.coap.CoAP.Code;
import org.eclipse.californium.core.coap.CoAP.ResponseCode;
import org.eclipse.californium.core.coap.CoAP.Type;
import org.eclipse.californium.core.coap.MediaTypeRegistry;
import org.eclipse.californium.core.coap.Response;
import org.eclipse.californium.core.server.resources.CoapExchange;

/** The resources that the ETSI plugtest description wants of a server, and {@code /observers}, which counts observers. */
final class PlugtestResources {

    private static final int TICK_MS = 200;
    /** A client that hears nothing for so long, and a little longer, registers again (TD_COAP_OBS_04). */
    private static final int OBSERVED_MAX_AGE_SECONDS = 2;
    private static final int LARGE_BYTES = 1500;
    private static final int SEPARATE_MS = 300;
    private static final int TEXT = MediaTypeRegistry.TEXT_PLAIN;

    private final ScheduledExecutorService timer = Executors.newSingleThreadScheduledExecutor();

    /** A resource that answers each method by a function of its own, and others with 4.05. */
    private static final class Methods extends CoapResource {
        private final Map<Code, Consumer<CoapExchange>> handlers = new EnumMap<>(Code.class);

        Methods(String name) {
            super(name);
        }

        Methods on(Code code, Consumer<CoapExchange> handler) {
            handlers.put(code, handler);
            return this;
        }

        private void handle(Code code, CoapExchange exchange) {
            handlers.getOrDefault(code, unknown -> unknown.respond(ResponseCode.METHOD_NOT_ALLOWED)).accept(exchange);
        }

        @Override
        public void handleGET(CoapExchange exchange) {
            handle(Code.GET, exchange);
        }

        @Override
        public void handlePOST(CoapExchange exchange) {
            handle(Code.POST, exchange);
        }

        @Override
        public void handlePUT(CoapExchange exchange) {
            handle(Code.PUT, exchange);
        }

        @Override
        public void handleDELETE(CoapExchange exchange) {
            handle(Code.DELETE, exchange);
        }
    }

    private static Methods methods(String name) {
        return new Methods(name);
    }

    private static Methods text(String name, String content) {
        return methods(name).on(Code.GET, exchange -> exchange.respond(ResponseCode.CONTENT, content, TEXT));
    }

    /** The same bytes as the cases expect. */
    private static byte[] pattern(int seed) {
        byte[] content = new byte[LARGE_BYTES];
        for (int index = 0; index < LARGE_BYTES; index++) {
            content[index] = (byte) (index * 7 + (index >> 8) * 13 + seed);
        }
        return content;
    }

    List<CoapResource> all() {
        CoapResource obs = new Observed("obs", Type.CON, count -> Integer.toString(count).getBytes());
        CoapResource obsNon = new Observed("obs-non", Type.NON, count -> Integer.toString(count).getBytes());
        CoapResource obsLarge = new Observed("obs-large", Type.CON, count -> pattern(count & 0xff));
        CoapResource observers = methods("observers").on(Code.GET,
                exchange -> exchange.respond(Integer.toString(
                        obs.getObserverCount() + obsNon.getObserverCount() + obsLarge.getObserverCount())));
        return List.of(test(), segments(), query(), separate(), locationQuery(), multiFormat(), validate(), create(),
                link("link1", "If1", "Type1", "Type2"), link("link2", "If2", "Type2", "Type3"),
                link("link3", "foo", "Type1", "Type3"), path(), large(), largeUpdate(), largeCreate(), largePost(),
                obs, obsNon, obsLarge, observers);
    }

    void stop() {
        timer.shutdownNow();
    }

    private static CoapResource test() {
        return text("test", "test").on(Code.PUT, exchange -> exchange.respond(ResponseCode.CHANGED))
                .on(Code.DELETE, exchange -> exchange.respond(ResponseCode.DELETED)).on(Code.POST, exchange -> {
                    exchange.setLocationPath("/location1/location2/location3");
                    exchange.respond(ResponseCode.CREATED);
                });
    }

    private static CoapResource segments() {
        return new Methods("seg1").add((CoapResource) new Methods("seg2").add((CoapResource) text("seg3", "segments")));
    }

    private static CoapResource query() {
        return methods("query").on(Code.GET, exchange -> exchange
                .respond(ResponseCode.CONTENT, String.join("\n", exchange.getRequestOptions().getUriQuery()), TEXT));
    }

    private CoapResource separate() {
        return methods("separate").on(Code.GET, exchange -> {
            exchange.accept();
            timer.schedule(() -> exchange.respond(ResponseCode.CONTENT, "later", TEXT), SEPARATE_MS,
                    TimeUnit.MILLISECONDS);
        });
    }

    private static CoapResource locationQuery() {
        return methods("location-query").on(Code.POST, exchange -> {
            exchange.setLocationQuery("first=1&second=2");
            exchange.respond(ResponseCode.CREATED);
        });
    }

    private static CoapResource multiFormat() {
        return methods("multi-format").on(Code.GET, exchange -> {
            int accept = exchange.getRequestOptions().getAccept();
            if (accept == MediaTypeRegistry.APPLICATION_XML) {
                exchange.respond(ResponseCode.CONTENT, "<text/>", accept);
            } else if (accept == TEXT || !exchange.getRequestOptions().hasAccept()) {
                exchange.respond(ResponseCode.CONTENT, "text", TEXT);
            } else {
                exchange.respond(ResponseCode.NOT_ACCEPTABLE);
            }
        });
    }

    private static CoapResource validate() {
        byte[][] state = { "first".getBytes(StandardCharsets.UTF_8), { 1 } };
        return methods("validate").on(Code.GET, exchange -> {
            boolean isKnown = exchange.getRequestOptions().containsETag(state[1]);
            exchange.setETag(state[1]);
            if (isKnown) {
                exchange.respond(ResponseCode.VALID);
            } else {
                exchange.respond(ResponseCode.CONTENT, state[0], TEXT);
            }
        }).on(Code.PUT, exchange -> {
            if (exchange.getRequestOptions().getIfMatchCount() > 0 && !exchange.getRequestOptions().isIfMatch(state[1])) {
                exchange.respond(ResponseCode.PRECONDITION_FAILED);
                return;
            }
            state[0] = exchange.getRequestPayload();
            state[1] = new byte[] { (byte) (state[1][0] + 1) };
            exchange.respond(ResponseCode.CHANGED);
        });
    }

    private static CoapResource create() {
        boolean[] exists = { false };
        return methods("create1").on(Code.PUT, exchange -> {
            if (exists[0] && exchange.getRequestOptions().hasIfNoneMatch()) {
                exchange.respond(ResponseCode.PRECONDITION_FAILED);
                return;
            }
            ResponseCode code = exists[0] ? ResponseCode.CHANGED : ResponseCode.CREATED;
            exists[0] = true;
            exchange.respond(code);
        }).on(Code.DELETE, exchange -> {
            exists[0] = false;
            exchange.respond(ResponseCode.DELETED);
        });
    }

    private static CoapResource link(String name, String interfaceDescription, String... types) {
        CoapResource resource = text(name, name);
        for (String type : types) {
            resource.getAttributes().addResourceType(type);
        }
        resource.getAttributes().addInterfaceDescription(interfaceDescription);
        return resource;
    }

    private static CoapResource path() {
        String links = "</path/sub1>,</path/sub2>,</path/sub3>";
        CoapResource path = methods("path").on(Code.GET, exchange -> exchange.respond(ResponseCode.CONTENT, links,
                MediaTypeRegistry.APPLICATION_LINK_FORMAT));
        path.getAttributes().addContentType(MediaTypeRegistry.APPLICATION_LINK_FORMAT);
        return path.add(text("sub1", "sub1"), text("sub2", "sub2"), text("sub3", "sub3"));
    }

    private static CoapResource large() {
        CoapResource large = methods("large").on(Code.GET, exchange -> exchange.respond(ResponseCode.CONTENT, pattern(0),
                MediaTypeRegistry.APPLICATION_OCTET_STREAM));
        large.getAttributes().setMaximumSizeEstimate(LARGE_BYTES);
        return large;
    }

    private static CoapResource largeUpdate() {
        byte[][] content = { pattern(1) };
        return methods("large-update").on(Code.GET, exchange -> exchange.respond(ResponseCode.CONTENT, content[0],
                MediaTypeRegistry.APPLICATION_OCTET_STREAM)).on(Code.PUT, exchange -> {
                    content[0] = exchange.getRequestPayload();
                    exchange.respond(ResponseCode.CHANGED);
                });
    }

    private static CoapResource largeCreate() {
        CoapResource parent = methods("large-create");
        return ((Methods) parent).on(Code.POST, exchange -> {
            byte[] content = Arrays.copyOf(exchange.getRequestPayload(), exchange.getRequestPayload().length);
            parent.add((CoapResource) methods("1").on(Code.GET, get -> get.respond(ResponseCode.CONTENT, content,
                    MediaTypeRegistry.APPLICATION_OCTET_STREAM)));
            exchange.setLocationPath("/large-create/1");
            exchange.respond(ResponseCode.CREATED);
        });
    }

    private static CoapResource largePost() {
        return methods("large-post").on(Code.POST, exchange -> exchange.respond(ResponseCode.CHANGED,
                exchange.getRequestPayload(), MediaTypeRegistry.APPLICATION_OCTET_STREAM));
    }

    /** Changes with every tick; PUT replaces what it tells; another format or DELETE ends the observations. */
    private final class Observed extends CoapResource {
        private final IntFunction<byte[]> content;
        private int count;
        private byte[] put;

        Observed(String name, Type type, IntFunction<byte[]> content) {
            super(name);
            this.content = content;
            setObservable(true);
            setObserveType(type);
            getAttributes().setObservable();
            timer.scheduleAtFixedRate(this::tick, TICK_MS, TICK_MS, TimeUnit.MILLISECONDS);
        }

        private void tick() {
            count++;
            changed();
        }

        @Override
        public void handleGET(CoapExchange exchange) {
            Response response = new Response(ResponseCode.CONTENT);
            response.setPayload(put == null ? content.apply(count) : put);
            response.getOptions().setContentFormat(TEXT).setMaxAge(OBSERVED_MAX_AGE_SECONDS);
            exchange.respond(response);
        }

        @Override
        public void handlePUT(CoapExchange exchange) {
            int format = exchange.getRequestOptions().getContentFormat();
            if (format != TEXT) {
                exchange.respond(ResponseCode.CHANGED);
                clearAndNotifyObserveRelations(ResponseCode.NOT_ACCEPTABLE);
                return;
            }
            put = exchange.getRequestPayload();
            exchange.respond(ResponseCode.CHANGED);
            changed();
            timer.schedule(() -> put = null, 3L * TICK_MS, TimeUnit.MILLISECONDS);
        }

        @Override
        public void handleDELETE(CoapExchange exchange) {
            exchange.respond(ResponseCode.DELETED);
            clearAndNotifyObserveRelations(ResponseCode.NOT_FOUND);
        }
    }
}
