package org.motestack.interop;

import java.io.BufferedReader;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.eclipse.californium.elements.AddressEndpointContext;
import org.eclipse.californium.elements.MessageCallback;
import org.eclipse.californium.elements.EndpointContext;
import org.eclipse.californium.elements.RawData;
import org.eclipse.californium.elements.auth.RawPublicKeyIdentity;
import org.eclipse.californium.elements.config.CertificateAuthenticationMode;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.util.SslContextUtil;
import org.eclipse.californium.elements.util.SslContextUtil.Credentials;
import org.eclipse.californium.elements.util.StringUtil;
import org.eclipse.californium.scandium.DTLSConnector;
import org.eclipse.californium.scandium.config.DtlsConfig;
import org.eclipse.californium.scandium.config.DtlsConfig.DtlsRole;
import org.eclipse.californium.scandium.config.DtlsConnectorConfig;
import org.eclipse.californium.scandium.dtls.AlertMessage.AlertDescription;
import org.eclipse.californium.scandium.dtls.CertificateType;
import org.eclipse.californium.scandium.dtls.ConnectionId;
import org.eclipse.californium.scandium.dtls.DTLSContext;
import org.eclipse.californium.scandium.dtls.DTLSSession;
import org.eclipse.californium.scandium.dtls.Handshaker;
import org.eclipse.californium.scandium.dtls.MaxFragmentLengthExtension.Length;
import org.eclipse.californium.scandium.dtls.SessionAdapter;
import org.eclipse.californium.scandium.dtls.cipher.CipherSuite;
import org.eclipse.californium.scandium.dtls.pskstore.AdvancedSinglePskStore;
import org.eclipse.californium.scandium.dtls.x509.SingleCertificateProvider;
import org.eclipse.californium.scandium.dtls.x509.StaticNewAdvancedCertificateVerifier;

/**
 * A DTLS client and server on Scandium alone, told what to do by lines on standard input: {@code serve KEY=VALUE …},
 * {@code connect port=N KEY=VALUE …}, {@code again} (goes on from the session), {@code say TEXT}, {@code close}, and
 * {@code release}, after which another case may begin. It answers with {@code listening PORT},
 * {@code connected SUITE by WHO resumed=yes|no}, {@code heard TEXT}, {@code closed}, {@code released} and {@code failed WHY}.
 */
public final class ScandiumPeer {

    private DTLSConnector connector;
    private InetSocketAddress remote;

    private ScandiumPeer() {
    }

    public static void main(String[] arguments) throws IOException {
        DtlsConfig.register();
        ScandiumPeer peer = new ScandiumPeer();
        BufferedReader lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            try {
                peer.obey(line);
            } catch (IOException | GeneralSecurityException | RuntimeException failure) {
                tell("failed " + failure);
            }
        }
        peer.release();
    }

    private static synchronized void tell(String line) {
        System.out.println(line);
        System.out.flush();
    }

    private void obey(String line) throws IOException, GeneralSecurityException {
        String[] words = line.split(" ", 2);
        String rest = words.length > 1 ? words[1] : "";
        switch (words[0]) {
            case "serve" -> serve(wish(rest));
            case "connect" -> connect(wish(rest));
            case "again" -> {
                connector.forceResumeSessionFor(remote);
                send("back"); // nothing at all would not begin a handshake here
            }
            case "say" -> send(rest);
            case "close" -> connector.close(remote);
            case "release" -> {
                release();
                tell("released");
            }
            default -> tell("failed no such command: " + words[0]);
        }
    }

    private static Map<String, String> wish(String text) {
        Map<String, String> wish = new HashMap<>();
        for (String word : text.split(" ")) {
            String[] pair = word.split("=", 2);
            wish.put(pair[0], pair[1]);
        }
        return wish;
    }

    private void serve(Map<String, String> wish) throws IOException, GeneralSecurityException {
        release();
        start(wish, DtlsRole.SERVER_ONLY);
        tell("listening " + connector.getAddress().getPort());
    }

    private void connect(Map<String, String> wish) throws IOException, GeneralSecurityException {
        release();
        start(wish, DtlsRole.CLIENT_ONLY);
        remote = new InetSocketAddress("127.0.0.1", Integer.parseInt(wish.get("port")));
        send("");
    }

    private void release() {
        if (connector != null) {
            connector.destroy();
            connector = null;
        }
    }

    private void start(Map<String, String> wish, DtlsRole role) throws IOException, GeneralSecurityException {
        DtlsConnectorConfig.Builder builder = DtlsConnectorConfig.builder(configuration(wish, role));
        builder.setAddress(new InetSocketAddress("127.0.0.1", 0));
        if (wish.containsKey("psk")) {
            byte[] key = StringUtil.hex2ByteArray(wish.get("psk"));
            builder.setAdvancedPskStore(new AdvancedSinglePskStore(wish.get("identity"), key));
        }
        if (wish.containsKey("key")) {
            addCertificates(builder, wish);
        }
        builder.setSessionListener(new Listener());
        connector = new DTLSConnector(builder.build());
        connector.setRawDataReceiver(data -> {
            remote = data.getInetSocketAddress();
            tell("heard " + new String(data.getBytes(), StandardCharsets.UTF_8).strip());
        });
        connector.setAlertHandler((peer, alert) -> tell(
                (alert.getDescription() == AlertDescription.CLOSE_NOTIFY ? "closed " : "alert ") + alert.getDescription()));
        connector.start();
    }

    private static Configuration configuration(Map<String, String> wish, DtlsRole role) {
        Configuration configuration = Configuration.createStandardWithoutFile();
        configuration.set(DtlsConfig.DTLS_ROLE, role);
        configuration.set(DtlsConfig.DTLS_RECOMMENDED_CIPHER_SUITES_ONLY, false);
        configuration.set(DtlsConfig.DTLS_CIPHER_SUITES, List.of(CipherSuite.getTypeByName(wish.get("suite"))));
        configuration.set(DtlsConfig.DTLS_CLIENT_AUTHENTICATION_MODE, CertificateAuthenticationMode.NEEDED);
        configuration.set(DtlsConfig.DTLS_VERIFY_SERVER_CERTIFICATES_SUBJECT, false);
        configuration.set(DtlsConfig.DTLS_RETRANSMISSION_TIMEOUT, 1, TimeUnit.SECONDS);
        configuration.set(DtlsConfig.DTLS_MAX_RETRANSMISSIONS, 2);
        configuration.set(DtlsConfig.DTLS_RECEIVER_THREAD_COUNT, 1);
        configuration.set(DtlsConfig.DTLS_CONNECTOR_THREAD_COUNT, 1);
        configuration.set(DtlsConfig.DTLS_MAX_CONNECTIONS, 10);
        if (wish.containsKey("cid")) {
            configuration.set(DtlsConfig.DTLS_CONNECTION_ID_LENGTH, Integer.valueOf(wish.get("cid")));
        }
        if (wish.containsKey("fragment")) {
            configuration.set(DtlsConfig.DTLS_MAX_FRAGMENT_LENGTH, Length.valueOf("BYTES_" + wish.get("fragment")));
        }
        if (wish.containsKey("record")) {
            configuration.set(DtlsConfig.DTLS_RECORD_SIZE_LIMIT, Integer.valueOf(wish.get("record")));
        }
        return configuration;
    }

    private static void addCertificates(DtlsConnectorConfig.Builder builder, Map<String, String> wish)
            throws IOException, GeneralSecurityException {
        Credentials key = read(wish.get("key"));
        StaticNewAdvancedCertificateVerifier.Builder trust = StaticNewAdvancedCertificateVerifier.builder();
        if (wish.containsKey("certificate")) {
            builder.setCertificateIdentityProvider(new SingleCertificateProvider(key.getPrivateKey(),
                    read(wish.get("certificate")).getCertificateChain(), CertificateType.X_509));
            trust.setTrustedCertificates(read(wish.get("trust")).getCertificateChain());
        } else {
            builder.setCertificateIdentityProvider(
                    new SingleCertificateProvider(key.getPrivateKey(), read(wish.get("public")).getPublicKey()));
            trust.setTrustedRPKs(new RawPublicKeyIdentity(read(wish.get("trust")).getPublicKey()));
        }
        builder.setAdvancedCertificateVerifier(trust.build());
    }

    private static Credentials read(String file) throws IOException, GeneralSecurityException {
        try (InputStream stream = new FileInputStream(file)) {
            return SslContextUtil.loadPemCredentials(stream);
        }
    }

    private void send(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        connector.send(RawData.outbound(bytes, new AddressEndpointContext(remote), new Told(), false));
    }

    /** What becomes of a datagram. */
    private static final class Told implements MessageCallback {

        @Override
        public void onConnecting() {
        }

        @Override
        public void onDtlsRetransmission(int flight) {
        }

        @Override
        public void onContextEstablished(EndpointContext context) {
        }

        @Override
        public void onSent() {
        }

        @Override
        public void onError(Throwable error) {
            tell("failed " + error.getMessage());
        }
    }

    /** Tells of every handshake that ended, either way. */
    private static final class Listener extends SessionAdapter {

        @Override
        public void handshakeCompleted(Handshaker handshaker) {
            DTLSSession session = handshaker.getSession();
            DTLSContext context = handshaker.getDtlsContext();
            tell("connected " + session.getCipherSuite() + " by " + who(session) + " resumed="
                    + (handshaker.isFullHandshake() ? "no" : "yes") + " reads=" + length(context.getReadConnectionId())
                    + " writes=" + length(context.getWriteConnectionId()) + " fragment="
                    + session.getEffectiveFragmentLimit());
        }

        @Override
        public void handshakeFailed(Handshaker handshaker, Throwable error) {
            tell("failed " + error.getMessage());
        }

        private static String who(DTLSSession session) {
            return session.getPeerIdentity() == null ? "nobody" : session.getPeerIdentity().getName().replace(' ', '_');
        }

        private static int length(ConnectionId id) {
            return id == null ? -1 : id.length();
        }
    }
}
