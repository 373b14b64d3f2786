package org.motestack.interop;

import java.util.concurrent.TimeUnit;
import org.eclipse.californium.core.config.CoapConfig;
import org.eclipse.californium.elements.config.Configuration;
import org.eclipse.californium.elements.config.TcpConfig;

/** What both peers are configured with: the plugtest's blocks of 64 bytes, and retransmissions that a test can wait for. */
final class CaliforniumConfiguration {

    private static final int BLOCK_BYTES = 64;
    private static final int ACK_TIMEOUT_MS = 150;
    private static final int RETRANSMISSIONS = 3;

    private CaliforniumConfiguration() {
    }

    static Configuration make() {
        CoapConfig.register();
        TcpConfig.register();
        Configuration configuration = Configuration.createStandardWithoutFile();
        configuration.set(CoapConfig.MAX_MESSAGE_SIZE, BLOCK_BYTES);
        configuration.set(CoapConfig.PREFERRED_BLOCK_SIZE, BLOCK_BYTES);
        configuration.set(CoapConfig.ACK_TIMEOUT, ACK_TIMEOUT_MS, TimeUnit.MILLISECONDS);
        configuration.set(CoapConfig.MAX_RETRANSMIT, RETRANSMISSIONS);
        return configuration;
    }
}
