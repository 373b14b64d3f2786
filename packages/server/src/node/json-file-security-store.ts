import { randomBytes } from 'node:crypto';
import { open, readFile, rename, rm, stat } from 'node:fs/promises';
import { InMemorySecurityStore } from '../security/in-memory-security-store.ts';
import { formatSecurityDocument, parseSecurityDocument } from '../security/security-document.ts';
import type { DeviceSecurity, SecurityStore } from '../security/security-store.ts';

/** Read and written by its owner. */
const OWNER_ONLY = 0o600;
const OTHERS = 0o077;

/**
 * Keeps credentials in a JSON file that its owner alone may read, in the clear. It is read once; what others write into it
 * later is not seen, and is lost at the next change.
 *
 * @example
 * const security = await JsonFileSecurityStore.open('/var/lib/lwm2m/security.json');
 * await security.set({ endpoint: 'urn:dev:ops:1', credentials: { kind: 'psk', identity: 'device-1', key } });
 */
export class JsonFileSecurityStore implements SecurityStore {
  readonly #path: string;
  #kept: InMemorySecurityStore;
  #lastWrite: Promise<void> = Promise.resolve();

  private constructor(path: string, devices: readonly DeviceSecurity[]) {
    this.#path = path;
    this.#kept = new InMemorySecurityStore(devices);
  }

  /**
   * Reads a file; where there is none, the store is empty and the first change makes one.
   *
   * @throws {TypeError} a file of another form, or with credentials that two names share
   * @throws {RangeError} credentials out of their bounds
   * @throws {Error} a file that others than its owner may read or write (not looked at on Windows); what the system answered
   */
  static async open(path: string): Promise<JsonFileSecurityStore> {
    const text = await readIfThere(path);
    return new JsonFileSecurityStore(path, text === undefined ? [] : parseSecurityDocument(text));
  }

  /** How many endpoint names have credentials. */
  get size(): number {
    return this.#kept.size;
  }

  /**
   * Gives an endpoint name credentials, instead of those that it had.
   *
   * @returns once the file has them
   * @throws {RangeError} credentials out of their bounds
   * @throws {TypeError} credentials that another endpoint name has
   * @throws {Error} what the system answered; the store is then as it was
   */
  set(device: DeviceSecurity): Promise<void> {
    return this.#change((next) => next.set(device));
  }

  /**
   * Takes an endpoint name's credentials away.
   *
   * @returns whether it had any, once the file is without them
   * @throws {Error} what the system answered; the store is then as it was
   */
  async remove(endpoint: string): Promise<boolean> {
    let had = false;
    await this.#change((next) => {
      had = next.remove(endpoint);
    });
    return had;
  }

  /** All that is kept, keys included. */
  devices(): Iterable<DeviceSecurity> {
    return this.#kept.devices();
  }

  findByEndpoint(endpoint: string): DeviceSecurity | undefined {
    return this.#kept.findByEndpoint(endpoint);
  }

  findByPskIdentity(identity: Uint8Array): DeviceSecurity | undefined {
    return this.#kept.findByPskIdentity(identity);
  }

  findByPskIdentityNow(identity: Uint8Array): DeviceSecurity | undefined {
    return this.findByPskIdentity(identity);
  }

  findByPublicKey(publicKey: Uint8Array): DeviceSecurity | undefined {
    return this.#kept.findByPublicKey(publicKey);
  }

  /** One change after the other: each is decided on what the one before left, and counts once it is written. */
  #change(change: (next: InMemorySecurityStore) => void): Promise<void> {
    const done = this.#lastWrite.then(async () => {
      const next = new InMemorySecurityStore(this.#kept.devices());
      change(next);
      await writeWhole(this.#path, formatSecurityDocument(next.devices()));
      this.#kept = next;
    });
    this.#lastWrite = done.catch(() => undefined);
    return done;
  }
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    const { mode } = await stat(path);
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw new Error(`${path} holds keys and is open to others than its owner: chmod 600 it`);
    }
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}

/** Whoever reads, also after a crash, finds the old file or the new one, and never a part. */
async function writeWhole(path: string, text: string): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}`;
  try {
    const file = await open(draft, 'wx', OWNER_ONLY);
    try {
      await file.writeFile(text);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
