import { ByteReader } from '@motestack/bytes';
import { Association, type AssociationEvent, type StepOutput } from './association.ts';
import { copyOf } from './copy-of.ts';
import type { CryptoProvider } from './crypto-provider.ts';
import type { Effects, Instant, RandomSource, Transmit } from './effects.ts';
import { ClientHandshake } from './handshake/client-handshake.ts';
import { type DtlsParameters, resolveParameters } from './parameters.ts';
import { CONNECTION_ID_BYTES_MAX, PSK_KEY_BYTES_MAX, type PskCredential } from './psk-credential.ts';
import { type CipherSuiteId, defaultCipherSuites } from './record/cipher-suite.ts';
import { nextRecord } from './record/next-record.ts';
import { RecordLayer } from './record/record-layer.ts';
import { PSK_IDENTITY_BYTES_MAX } from './wire/index.ts';

/** What a client is made of. */
export interface DtlsClientOptions {
  /** Where the server is: an address of the transport below. */
  readonly address: string;
  /** What the client shows that it is by; copied, and zeroed by `close`. */
  readonly credential: PskCredential;
  /** The cryptography. */
  readonly provider: CryptoProvider;
  /** Secure random bytes. */
  readonly random: RandomSource;
  /** Suites in the order of preference; default: all of `CipherSuiteId`, CCM_8 first. */
  readonly cipherSuites?: readonly CipherSuiteId[] | undefined;
  /**
   * Connection IDs (RFC 9146): how many bytes the ID has that the server puts into its records, 0 to 32. 0, the default,
   * takes an ID for our own records, so that our address may change, and wants none from the server. `false`: no
   * connection IDs at all.
   */
  readonly connectionIdBytes?: number | false | undefined;
  /** Limits and times. */
  readonly parameters?: Partial<DtlsParameters> | undefined;
}

/** What the client tells: all but `credentialWanted`, since it has its key. */
export type DtlsClientEvent = Exclude<AssociationEvent, { kind: 'credentialWanted' }>;

/**
 * A DTLS client without sockets or clocks: one association with one server.
 *
 * After `ended`, `connect` may begin anew.
 *
 * @see RFC 6347, RFC 4279
 */
export class DtlsClient {
  readonly #options: DtlsClientOptions;
  readonly #credential: PskCredential;
  readonly #parameters: DtlsParameters;
  readonly #cipherSuites: readonly CipherSuiteId[];
  readonly #connectionIdBytes: number;
  #association: Association | undefined;
  #transmits: Transmit[] = [];
  #events: DtlsClientEvent[] = [];
  readonly #output: StepOutput;

  /** @throws {RangeError} a credential, an ID length, a list of suites or a parameter out of its bounds */
  constructor(options: DtlsClientOptions) {
    const { identity, key } = options.credential;
    if (identity.length > PSK_IDENTITY_BYTES_MAX) throw new RangeError('a PSK identity has at most 128 bytes');
    if (key.length < 1 || key.length > PSK_KEY_BYTES_MAX) throw new RangeError('a pre-shared key has 1 to 64 bytes');
    this.#options = options;
    this.#credential = { identity: copyOf(identity), key: copyOf(key) };
    this.#parameters = resolveParameters(options.parameters);
    this.#cipherSuites = options.cipherSuites ?? defaultCipherSuites;
    if (this.#cipherSuites.length === 0) throw new RangeError('there is no cipher suite to offer');
    this.#connectionIdBytes = options.connectionIdBytes || 0;
    if (!(this.#connectionIdBytes >= 0 && this.#connectionIdBytes <= CONNECTION_ID_BYTES_MAX))
      throw new RangeError('a connection ID has at most 32 bytes');
    this.#output = {
      send: (bytes) => this.#transmits.push({ address: options.address, bytes }),
      tell: (event) => {
        if (event.kind !== 'credentialWanted') this.#events.push(event);
      },
    };
  }

  /** Whether data can be sent. */
  get isConnected(): boolean {
    return this.#association?.isConnected ?? false;
  }

  /** Begins a handshake; does nothing while there is one, or an association. */
  connect(now: Instant): Effects<DtlsClientEvent> {
    if (this.#association === undefined || this.#association.hasEnded) {
      this.#association = this.#begin();
      this.#association.start(now, this.#output);
    }
    return this.#effects();
  }

  /** Handles a datagram from the server's address. */
  handleDatagram(bytes: Uint8Array, now: Instant): Effects<DtlsClientEvent> {
    const reader = new ByteReader(bytes, 'RFC 6347 §4.1');
    while (reader.remaining > 0) {
      const record = nextRecord(reader, this.#connectionIdBytes);
      if (record === undefined) break;
      this.#association?.handleRecord(record, now, this.#output);
    }
    return this.#effects();
  }

  /**
   * Sends a datagram of the application; without an association it is lost, as datagrams may be.
   *
   * @throws {RangeError} more than 2^14 bytes
   */
  send(bytes: Uint8Array): Effects<DtlsClientEvent> {
    this.#association?.sendData(bytes, this.#output);
    return this.#effects();
  }

  /** Does what is due. */
  handleTimeout(now: Instant): Effects<DtlsClientEvent> {
    this.#association?.handleTimeout(now, this.#output);
    return this.#effects();
  }

  /** The transport says that nobody is there. An association outlives that, a handshake does not. */
  handleUnreachable(): Effects<DtlsClientEvent> {
    if (!this.isConnected) this.#association?.end('unreachable', this.#output);
    return this.#effects();
  }

  /** Ends the association with a word to the server, and forgets the key. The client is not used afterwards. */
  close(): Effects<DtlsClientEvent> {
    this.#association?.close('local', this.#output);
    this.#credential.key.fill(0);
    return this.#effects();
  }

  #begin(): Association {
    const { provider, random, connectionIdBytes } = this.#options;
    const connectionId = new Uint8Array(this.#connectionIdBytes);
    random.fill(connectionId);
    const parameters = this.#parameters;
    const role = new ClientHandshake({
      provider,
      random,
      parameters,
      cipherSuites: this.#cipherSuites,
      credential: this.#credential,
      connectionId: connectionIdBytes === false ? undefined : connectionId,
    });
    return new Association({ role, parameters, layer: new RecordLayer(), firstMessageSequence: 0 });
  }

  #effects(): Effects<DtlsClientEvent> {
    const effects = { transmits: this.#transmits, events: this.#events, wakeAt: this.#association?.wakeAt };
    this.#transmits = [];
    this.#events = [];
    return effects;
  }
}
