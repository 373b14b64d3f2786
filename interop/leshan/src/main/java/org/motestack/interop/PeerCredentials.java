package org.motestack.interop;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.X509EncodedKeySpec;
import org.eclipse.leshan.client.object.Security;
import org.eclipse.leshan.server.LeshanServerBuilder;
import org.eclipse.leshan.servers.security.InMemorySecurityStore;
import org.eclipse.leshan.servers.security.NonUniqueSecurityInfoException;
import org.eclipse.leshan.servers.security.SecurityInfo;

/**
 * The keys of one peer, files of a folder: {@code identity} and {@code key}; or {@code private.der} (PKCS #8) and
 * {@code public.der}, or {@code certificate.der}, of its own, {@code other.der} of the other side and, for certificates,
 * {@code root.der}.
 */
record PeerCredentials(String kind, Path folder) {

    /** What a client is given for its server. */
    Security security(String uri, int shortServerId) throws IOException {
        return switch (kind) {
        case "psk" -> Security.psk(uri, shortServerId, bytes("identity"), bytes("key"));
        case "rawPublicKey" -> Security.rpk(uri, shortServerId, bytes("public.der"), bytes("private.der"),
                bytes("other.der"));
        case "x509" -> Security.x509(uri, shortServerId, bytes("certificate.der"), bytes("private.der"),
                bytes("other.der"));
        default -> throw new IllegalArgumentException("no such credentials: " + kind);
        };
    }

    /** What a server is given for itself and for one endpoint name. */
    void applyTo(LeshanServerBuilder builder, String endpoint)
            throws IOException, GeneralSecurityException, NonUniqueSecurityInfoException {
        InMemorySecurityStore store = new InMemorySecurityStore();
        builder.setSecurityStore(store);
        switch (kind) {
        case "psk" -> store.add(SecurityInfo.newPreSharedKeyInfo(endpoint,
                new String(bytes("identity"), StandardCharsets.UTF_8), bytes("key")));
        case "rawPublicKey" -> {
            builder.setPublicKey(publicKey("public.der")).setPrivateKey(privateKey());
            store.add(SecurityInfo.newRawPublicKeyInfo(endpoint, publicKey("other.der")));
        }
        case "x509" -> {
            builder.setPrivateKey(privateKey()).setCertificateChain(new X509Certificate[] { certificate("certificate.der") });
            builder.setTrustedCertificates(new X509Certificate[] { certificate("root.der") });
            store.add(SecurityInfo.newX509CertInfo(endpoint));
        }
        default -> throw new IllegalArgumentException("no such credentials: " + kind);
        }
    }

    private PrivateKey privateKey() throws IOException, GeneralSecurityException {
        return KeyFactory.getInstance("EC").generatePrivate(new PKCS8EncodedKeySpec(bytes("private.der")));
    }

    private PublicKey publicKey(String file) throws IOException, GeneralSecurityException {
        return KeyFactory.getInstance("EC").generatePublic(new X509EncodedKeySpec(bytes(file)));
    }

    private X509Certificate certificate(String file) throws IOException, GeneralSecurityException {
        CertificateFactory factory = CertificateFactory.getInstance("X.509");
        return (X509Certificate) factory.generateCertificate(new ByteArrayInputStream(bytes(file)));
    }

    private byte[] bytes(String file) throws IOException {
        return Files.readAllBytes(folder.resolve(file));
    }
}
