import type { CryptoProvider } from '../crypto-provider.ts';
import type { CipherSuite } from '../record/cipher-suite.ts';
import {
  extendedMasterSecret,
  type KeyDerivation,
  keyBlock,
  masterSecret,
  pskPremasterSecret,
  verifyData,
} from '../record/key-derivation.ts';
import { RecordProtection } from '../record/record-protection.ts';

/** What the keys of a handshake come from. */
export interface SecretsInit {
  readonly provider: CryptoProvider;
  readonly cipherSuite: CipherSuite;
  /** The pre-shared key. */
  readonly key: Uint8Array;
  readonly randoms: readonly [client: Uint8Array, server: Uint8Array];
  /** The hash up to the ClientKeyExchange; `undefined`: without extended master secret. */
  readonly sessionHash: Uint8Array | undefined;
}

/** The master secret of a handshake, and what is made of it. */
export class HandshakeSecrets {
  readonly #derivation: KeyDerivation;
  readonly #cipherSuite: CipherSuite;
  readonly #randoms: SecretsInit['randoms'];
  readonly #master: Uint8Array;

  constructor({ provider, cipherSuite, key, randoms, sessionHash }: SecretsInit) {
    this.#derivation = { provider, hash: cipherSuite.hash };
    this.#cipherSuite = cipherSuite;
    this.#randoms = randoms;
    const premaster = pskPremasterSecret(key);
    this.#master =
      sessionHash === undefined
        ? masterSecret(this.#derivation, premaster, randoms)
        : extendedMasterSecret(this.#derivation, premaster, sessionHash);
    premaster.fill(0);
  }

  /** The protection of epoch 1. */
  keysOf(role: 'client' | 'server'): { read: RecordProtection; write: RecordProtection } {
    const { provider } = this.#derivation;
    const block = keyBlock(this.#derivation, this.#master, this.#randoms);
    const protection = (key: Uint8Array, iv: Uint8Array): RecordProtection => {
      const made = new RecordProtection(provider.createAead(this.#cipherSuite.aead, key), iv);
      key.fill(0);
      iv.fill(0);
      return made;
    };
    const client = protection(block.clientWriteKey, block.clientWriteIv);
    const server = protection(block.serverWriteKey, block.serverWriteIv);
    return role === 'client' ? { read: server, write: client } : { read: client, write: server };
  }

  /** What the Finished of a side has to carry. */
  verifyData(sender: 'client' | 'server', transcriptHash: Uint8Array): Uint8Array {
    return verifyData(this.#derivation, this.#master, sender, transcriptHash);
  }

  /** Whether a Finished carries what it has to; compared in constant time. */
  isVerified(sender: 'client' | 'server', transcriptHash: Uint8Array, body: Uint8Array): boolean {
    return this.#derivation.provider.isEqual(this.verifyData(sender, transcriptHash), body);
  }

  /** Forgets the master secret. */
  destroy(): void {
    this.#master.fill(0);
  }
}
