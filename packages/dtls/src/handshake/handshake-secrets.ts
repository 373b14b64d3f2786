import type { CryptoProvider } from '../crypto-provider.ts';
import type { RandomSource } from '../effects.ts';
import type { CipherSuite } from '../record/cipher-suite.ts';
import { createProtection, keyLengthsOf } from '../record/create-protection.ts';
import {
  extendedMasterSecret,
  type KeyDerivation,
  keyBlock,
  masterSecret,
  verifyData,
} from '../record/key-derivation.ts';
import type { RecordProtection } from '../record/record-protection.ts';

/** What the keys of a handshake come from. */
export interface SecretsInit {
  readonly provider: CryptoProvider;
  readonly random: RandomSource;
  readonly cipherSuite: CipherSuite;
  readonly encryptThenMac: boolean;
  /** What both sides came to; zeroed at once. */
  readonly premaster: Uint8Array;
  readonly randoms: readonly [client: Uint8Array, server: Uint8Array];
  /** The hash up to the ClientKeyExchange; `undefined`: without extended master secret. */
  readonly sessionHash: Uint8Array | undefined;
}

/** The master secret of a handshake, and what is made of it. */
export class HandshakeSecrets {
  readonly #init: Omit<SecretsInit, 'premaster'>;
  readonly #derivation: KeyDerivation;
  readonly #master: Uint8Array;

  constructor({ premaster, ...init }: SecretsInit) {
    const { provider, cipherSuite, randoms, sessionHash } = init;
    this.#init = init;
    this.#derivation = { provider, hash: cipherSuite.hash };
    this.#master =
      sessionHash === undefined
        ? masterSecret(this.#derivation, premaster, randoms)
        : extendedMasterSecret(this.#derivation, premaster, sessionHash);
    premaster.fill(0);
  }

  /** The protection of epoch 1. */
  keysOf(role: 'client' | 'server'): { read: RecordProtection; write: RecordProtection } {
    const { cipherSuite, randoms } = this.#init;
    const block = keyBlock(this.#derivation, this.#master, randoms, keyLengthsOf(cipherSuite));
    const client = createProtection(this.#init, block.client);
    const server = createProtection(this.#init, block.server);
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
