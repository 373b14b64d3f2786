import type { Answer, Wanted } from '../handshake/handshake-role.ts';
import type { SessionStore } from '../session/session-store.ts';
import type { CertificateCredential, PeerVerdict, PeerVerifier, Signer } from './certificate-credential.ts';
import { PSK_KEY_BYTES_MAX } from './psk-credential.ts';

/** Finds the key of an identity, at once or later; `undefined`: nobody has it. The key is only read. */
export type PskLookup = (
  identity: Uint8Array,
  address: string,
) => Uint8Array | undefined | Promise<Uint8Array | undefined>;

/** A credential and who signs for it. */
export type SigningCredential = CertificateCredential & Signer;

/** Who answers what a handshake wants. */
export interface AnswerSources {
  /** Finds keys. */
  readonly pskOf?: PskLookup | undefined;
  /** Signs. */
  readonly certificate?: SigningCredential | undefined;
  /** Sign where a client asks for a server by one of these names, in lower case (RFC 6066 §3). */
  readonly namedCertificates?: ReadonlyMap<string, SigningCredential> | undefined;
  /** Has sessions. */
  readonly sessions?: SessionStore | false | undefined;
  /** Judges. */
  readonly verifier?: PeerVerifier | undefined;
}

/**
 * Asks who knows, and hands on the answer: within the call where it is there at once, later otherwise, always once.
 * A source that throws, or that is not there, counts as one that has nothing or believes nobody.
 */
export function answerWanted(
  wanted: Wanted,
  address: string,
  sources: AnswerSources,
  answer: (answer: Answer) => void,
): void {
  switch (wanted.kind) {
    case 'key': {
      const isUsable = (key: Uint8Array | undefined): boolean =>
        key !== undefined && key.length > 0 && key.length <= PSK_KEY_BYTES_MAX;
      settle(
        () => sources.pskOf?.(wanted.identity, address),
        (key) => answer({ kind: 'key', key: isUsable(key) ? key : undefined }),
        undefined,
      );
      break;
    }
    case 'signature':
      settle<Uint8Array | undefined>(
        () =>
          (sources.namedCertificates?.get(wanted.serverName) ?? sources.certificate)?.sign(
            wanted.algorithm,
            wanted.data,
          ),
        (signature) => answer({ kind: 'signature', signature }),
        undefined,
      );
      break;
    case 'session':
      settle<Uint8Array | undefined>(
        () => (sources.sessions || undefined)?.find(wanted.sessionId),
        (session) => answer({ kind: 'session', session }),
        undefined,
      );
      break;
    case 'verdict':
      settle<PeerVerdict>(
        () => sources.verifier?.verify(wanted.certificate, address) ?? 'certificate-unknown',
        (verdict) => answer({ kind: 'verdict', verdict }),
        'certificate-unknown',
      );
      break;
    default:
      assertNever(wanted);
  }
}

function settle<Value>(ask: () => Value | Promise<Value>, told: (value: Value) => void, otherwise: Value): void {
  let found: Value | Promise<Value>;
  try {
    found = ask();
  } catch {
    told(otherwise);
    return;
  }
  if (isPromise(found))
    found.then(told, () => {
      told(otherwise);
    });
  else told(found);
}

function isPromise<Value>(value: Value | Promise<Value>): value is Promise<Value> {
  return typeof value === 'object' && value !== null && 'then' in value;
}

function assertNever(wanted: never): never {
  throw new Error(`nobody knows that: ${String(wanted)}`);
}
