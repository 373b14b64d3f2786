import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import org.eclipse.californium.core.CoapResource;
import org.eclipse.californium.core.CoapServer;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.core.network.CoapEndpoint;
import org.eclipse.californium.core.server.resources.CoapExchange;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.cipher.CipherSuite;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedSinglePskStore;

/** GET /hello is answered 2.05 "hello" by Californium over Scandium: java -cp 'lib/*' californium-dtls.java PORT */
final class CaliforniumDtls {
    public static void main(String[] arguments) {
        CoapConfig.register();
        DtlsConfig.register();
        Configuration configuration = Configuration.createStandardWithoutFile();
        DtlsConnectorConfig.Builder dtls = DtlsConnectorConfig.builder(configuration);
        dtls.setAddress(new InetSocketAddress("127.0.0.1", Integer.parseInt(arguments[0])));
        dtls.setAdvancedPskStore(new AdvancedSinglePskStore("device-1", "sixteen-byte-key".getBytes(StandardCharsets.UTF_8)));
        dtls.setAsList(DtlsConfig.DTLS_CIPHER_SUITES, CipherSuite.TLS_PSK_WITH_AES_128_CCM_8);
        CoapEndpoint.Builder endpoint = new CoapEndpoint.Builder();
        endpoint.setConfiguration(configuration);
        endpoint.setConnector(new DTLSConnector(dtls.build()));
        CoapServer server = new CoapServer(configuration);
        server.addEndpoint(endpoint.build());
        server.add(new CoapResource("hello") {
            @Override
            public void handleGET(CoapExchange exchange) {
                exchange.respond("hello");
            }
        });
        server.start();
        System.out.println("ready");
    }
}
