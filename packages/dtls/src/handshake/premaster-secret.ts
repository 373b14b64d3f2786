import type { KeyAgreement } from '../crypto-provider.ts';
import type { CipherSuite } from '../record/cipher-suite.ts';
import { usesPreSharedKey } from '../record/cipher-suite.ts';
import { pskPremasterSecret } from '../record/key-derivation.ts';
import { AlertDescription, type KeyExchangeForm } from '../wire/index.ts';
import { HandshakeError } from './handshake-error.ts';

/** What the secret of both sides comes from, as far as the suite uses it. */
export interface PremasterParts {
  /** The pre-shared key. */
  readonly key: Uint8Array | undefined;
  /** The own ephemeral key. */
  readonly agreement: KeyAgreement | undefined;
  /** The public half of the peer's. */
  readonly peerPoint: Uint8Array | undefined;
}

const NO_KEY = new Uint8Array(0);

/**
 * The premaster secret; whoever asks zeroes it.
 *
 * @throws {HandshakeError} `illegal_parameter`: the peer's point is none (RFC 8422 §5.11)
 * @see RFC 4279 §2, RFC 5489 §2, RFC 8422 §5.10
 */
export function premasterSecret({ key, agreement, peerPoint }: PremasterParts): Uint8Array {
  if (agreement === undefined || peerPoint === undefined) return pskPremasterSecret(key ?? NO_KEY);
  const shared = agreement.sharedSecret(peerPoint);
  if (shared === undefined) throw new HandshakeError(AlertDescription.IllegalParameter, 'not a point of the group');
  if (key === undefined) return shared;
  const premaster = pskPremasterSecret(key, shared);
  shared.fill(0);
  return premaster;
}

/** What the messages of a suite's key exchange have in them. */
export function keyExchangeFormOf(cipherSuite: CipherSuite): KeyExchangeForm {
  const hasIdentity = usesPreSharedKey(cipherSuite);
  const { keyExchange } = cipherSuite;
  return { hasIdentity, hasPoint: keyExchange !== 'psk', isSigned: !hasIdentity };
}
