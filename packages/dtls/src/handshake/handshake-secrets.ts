import { encodeUtf8, toHex } from '@motestack/bytes';
import { copyOf } from '../copy-of.ts';
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
  /** Told the master secret, where somebody asked for it. */
  readonly keyLog: KeyLog | undefined;
  readonly randoms: readonly [client: Uint8Array, server: Uint8Array];
  readonly source: SecretSource;
}

/** Takes lines in the format of NSS (`SSLKEYLOGFILE`), which tshark and Wireshark decrypt with. */
export type KeyLog = (line: string) => void;

/** What the master secret is made of. */
export type SecretSource =
  | {
      /** What both sides came to; zeroed at once. */
      readonly premaster: Uint8Array;
      /** The hash up to the ClientKeyExchange; `undefined`: without extended master secret. */
      readonly sessionHash: Uint8Array | undefined;
    }
  | {
      /** That of the session that goes on; copied. */
      readonly masterSecret: Uint8Array;
    };

/** The master secret of a handshake, and what is made of it. */
export class HandshakeSecrets {
  readonly #init: Omit<SecretsInit, 'source'>;
  readonly #derivation: KeyDerivation;
  readonly #master: Uint8Array;

  constructor({ source, ...init }: SecretsInit) {
    const { provider, cipherSuite, randoms, keyLog } = init;
    this.#init = init;
    this.#derivation = { provider, hash: cipherSuite.hash };
    this.#master = masterOf(this.#derivation, source, randoms);
    keyLog?.(`CLIENT_RANDOM ${toHex(randoms[0])} ${toHex(this.#master)}`);
  }

  /** What a session keeps; whoever asks zeroes it. */
  get masterSecret(): Uint8Array {
    return copyOf(this.#master);
  }

  /**
   * Stands for a credential within a session: nobody learns the credential from it, and another one gives another.
   *
   * @param credential the pre-shared key, or a public key
   */
  bindingOf(credential: Uint8Array): Uint8Array {
    return bindingOf(this.#derivation.provider, this.#master, credential);
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

/** As {@link HandshakeSecrets.bindingOf}, with the master secret of a session. */
export function bindingOf(provider: CryptoProvider, master: Uint8Array, credential: Uint8Array): Uint8Array {
  return provider.hmac('sha256', master, [encodeUtf8('credential of a session'), credential]);
}

function masterOf(
  derivation: KeyDerivation,
  source: SecretSource,
  randoms: readonly [client: Uint8Array, server: Uint8Array],
): Uint8Array {
  if ('masterSecret' in source) return copyOf(source.masterSecret);
  const { premaster, sessionHash } = source;
  const master =
    sessionHash === undefined
      ? masterSecret(derivation, premaster, randoms)
      : extendedMasterSecret(derivation, premaster, sessionHash);
  premaster.fill(0);
  return master;
}
