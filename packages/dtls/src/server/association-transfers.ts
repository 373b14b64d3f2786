import { fromHex, toHex } from '@motestack/bytes';
import type { KnownPeer } from '../association/exported-association.ts';
import { ImportError } from '../association/import-error.ts';
import { restoredAssociation } from '../association/restored-association.ts';
import { openExport, sealExport } from '../association/sealed-export.ts';
import type { Instant } from '../effects.ts';
import type { CipherSuite } from '../record/cipher-suite.ts';
import { bytesOf, connectionIdKey } from './connection-id-key.ts';
import { type EntryOutput, ServerEntry } from './server-entry.ts';
import type { DtlsServerOptions, DtlsServerParameters } from './server-options.ts';
import type { ServerTable } from './server-table.ts';

/** What exports and imports of a server need. */
export interface AssociationTransfersInit {
  readonly options: DtlsServerOptions;
  readonly parameters: DtlsServerParameters;
  readonly table: ServerTable;
  readonly connectionIdBytes: number;
  readonly entryOutput: EntryOutput;
}

/** An association that was taken in, and what is known of its client. */
export interface ImportedEntry {
  readonly entry: ServerEntry;
  readonly known: KnownPeer;
  readonly cipherSuite: CipherSuite;
}

/** Hands associations of a server to another process, and takes them from one. */
export class AssociationTransfers {
  readonly #init: AssociationTransfersInit;

  constructor(init: AssociationTransfersInit) {
    this.#init = init;
  }

  /**
   * Seals an association and ends it.
   *
   * @returns `undefined`: the cryptography does not give its keys out, and the association goes on
   * @throws {RangeError} a key that has not 16 or 32 bytes
   */
  export(entry: ServerEntry, known: KnownPeer, key: Uint8Array, now: Instant): Uint8Array | undefined {
    const state = entry.association.exportState();
    if (state === undefined) return undefined;
    const { provider, random } = this.#init.options;
    const { peer, pathCheck, sessionId = '', lastHeardAt } = entry;
    const connectionId = bytesOf(entry.connectionId ?? '');
    const place = {
      peer,
      // Whoever is asked where it is goes back until it says so, and is asked again after its next record.
      address: pathCheck?.previousAddress ?? entry.address,
      isLimited: pathCheck === undefined && entry.isLimited,
      clientRandom: bytesOf(entry.clientRandom),
      connectionId,
      sessionId: fromHex(sessionId),
      silentMs: now - lastHeardAt,
    };
    const exported = { ...state, known, connectionIdBytes: connectionId.length, place };
    const bytes = sealExport(provider, random, key, exported);
    entry.association.end('exported', entry);
    return bytes;
  }

  /**
   * Opens an export and goes on with the association.
   *
   * @throws {RangeError} a key that has not 16 or 32 bytes
   * @throws {ImportError} it is none, not for a server like this, or in use
   */
  import(bytes: Uint8Array, key: Uint8Array, now: Instant): ImportedEntry {
    const { options, parameters, table, connectionIdBytes, entryOutput } = this.#init;
    const { provider, random } = options;
    const exported = openExport(provider, key, bytes);
    const { place, known, cipherSuite } = exported;
    if (place === undefined) throw new ImportError('wrong-role');
    const { connectionId, clientRandom, sessionId, isLimited } = place;
    if (connectionId.length > 0 && connectionId.length !== connectionIdBytes) throw new ImportError('unfit');
    const entry = new ServerEntry(
      {
        peer: place.peer,
        address: place.address,
        association: restoredAssociation(exported, { provider, random, parameters }),
        clientRandom: String.fromCharCode(...clientRandom),
        connectionId: connectionId.length === 0 ? undefined : connectionIdKey(connectionId),
        now: now - place.silentMs,
      },
      entryOutput,
    );
    if (sessionId.length > 0) entry.sessionId = toHex(sessionId);
    if (isLimited) entry.moveTo(place.address);
    if (table.restore(entry)) return { entry, known, cipherSuite };
    entry.association.end('exported', { send: () => {}, tell: () => {} });
    throw new ImportError('in-use');
  }
}
