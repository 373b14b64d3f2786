import { type CoapResponse, ContentFormat, formatCode, ProtocolError, parseCode } from '@motestack/coap';
import { decodePayload } from '@motestack/codecs';
import type { ObjectLookup, ObjectSpec } from '@motestack/model';
import { formatPath } from '@motestack/model';
import { Security as Security10 } from '@motestack/objects/0/1.0';
import { Security as Security11 } from '@motestack/objects/0/1.1';
import { Security as Security12 } from '@motestack/objects/0/1.2';
import { AccessControl as AccessControl10 } from '@motestack/objects/2/1.0';
import { AccessControl as AccessControl11 } from '@motestack/objects/2/1.1';
import type { ClientCore } from '../client-core.ts';
import { Connection, type RequestLimits } from '../connection/connection.ts';
import type { PayloadSettings } from '../device-management/payload.ts';
import { Transaction } from '../device-management/transaction.ts';
import { LwM2mError } from '../lwm2m-error.ts';
import { serverSpec } from '../objects/server-instance.ts';
import type { BootstrapPart } from '../registration/bootstrap-part.ts';
import { firstAttempt, retryAfter } from '../registration/retry-policy.ts';
import { AccountDraft, type DraftedAccounts, type HeldAccount, InconsistentAccountsError } from './account-draft.ts';
import { securityAccountOf } from './account-values.ts';
import { type BootstrapAccount, type ResolvedBootstrapAccount, resolveBootstrapAccount } from './bootstrap-account.ts';
import { BootstrapInterface } from './bootstrap-interface.ts';
import { provisionInstance } from './provision-objects.ts';

/** What a bootstrap needs of the client. */
export interface BootstrapHost {
  /** The client; it is there once the client is made. */
  core(): ClientCore;
  /** The servers that the client has. */
  held(): readonly HeldAccount[];
  /** Makes the client's servers those that were drafted. */
  replace(accounts: DraftedAccounts): Promise<void>;
}

/** EXCHANGE_LIFETIME (RFC 7252 §4.8.2): a bootstrap server that is silent for so long has failed (Core 1.1.1 §6.1.3.3). */
const SILENCE_MS = 247_000;
/** MAX_TRANSMIT_WAIT: so long the connection stays for a Bootstrap-Finish whose answer was lost. */
const LINGER_MS = 93_000;
const CHANGES_MAX = 1_000;

/**
 * Asks the bootstrap server, does what it says, and makes all of it count at Bootstrap-Finish.
 *
 * @see LwM2M Core 1.1.1 §6.1 (Client Initiated Bootstrap); LwM2M Transport 1.1 §6.4.2
 */
export class ClientBootstrap implements BootstrapPart {
  readonly #host: BootstrapHost;
  #account: ResolvedBootstrapAccount | undefined;

  /** @throws {RangeError} for an account that is none */
  constructor(account: string | BootstrapAccount, host: BootstrapHost) {
    this.#account = resolveBootstrapAccount(account);
    this.#host = host;
  }

  /** See {@link BootstrapPart.bootstrap}. */
  async bootstrap(): Promise<boolean> {
    const core = this.#host.core();
    if (this.#account === undefined) return false;
    await this.#wait(this.#account.holdOffSeconds * 1_000);
    let position = firstAttempt;
    while (!core.stopping.aborted && this.#account !== undefined) {
      if (await this.#attempt(this.#account)) return true;
      const { delayMs, next, exhausted } = retryAfter(this.#account.retry, position, core.chance());
      // A client that has servers tries them before it asks here again.
      if (next.attempt === 1 && (exhausted || !Number.isFinite(delayMs)) && this.#host.held().length > 0) return false;
      if (!Number.isFinite(delayMs)) return false;
      await this.#wait(delayMs);
      position = next;
    }
    return false;
  }

  async #attempt(account: ResolvedBootstrapAccount): Promise<boolean> {
    const core = this.#host.core();
    const session = new Session(this.#host, account, (accounts) => this.#adopt(accounts));
    const { platform, options, stopping } = core;
    const connection = new Connection({
      uris: () => [account.uri],
      security: account.security,
      platform,
      options,
      handler: (request) => session.answer(request),
      traffic: core.traffic,
      lost: () => session.end(false),
    });
    stopping.addEventListener('abort', () => connection.disconnect(), { once: true });
    try {
      const isDone = (await session.tryPack(connection)) || (await session.ask(connection));
      if (isDone) platform.clock.schedule(platform.clock.now() + LINGER_MS, () => connection.disconnect());
      else connection.disconnect();
      return isDone;
    } catch (cause) {
      connection.disconnect();
      if (!stopping.aborted) this.#tell('the bootstrap server could not be asked', cause);
      return false;
    }
  }

  #adopt({ bootstrap }: DraftedAccounts): void {
    if (this.#account === undefined) return;
    if (bootstrap !== undefined) {
      const { uri, security } = securityAccountOf(bootstrap.contents);
      const holdOff = bootstrap.contents.get(11);
      const timeout = bootstrap.contents.get(12);
      this.#account = {
        ...this.#account,
        uri,
        ...(security === undefined ? {} : { security }),
        holdOffSeconds: typeof holdOff === 'number' ? holdOff : 0,
        timeoutSeconds: typeof timeout === 'number' ? timeout : 0,
      };
    }
    const { timeoutSeconds } = this.#account;
    const { clock } = this.#host.core().platform;
    // /0/x/12: the account goes, and with it every other bootstrap (Core 1.1.1 §6.1.3.3).
    if (timeoutSeconds > 0)
      clock.schedule(clock.now() + timeoutSeconds * 1_000, () => {
        this.#account = undefined;
      });
  }

  #tell(message: string, cause: unknown): void {
    const core = this.#host.core();
    core.tellError(
      new LwM2mError('bootstrap-failed', message, {
        operation: 'bootstrap',
        endpoint: core.endpoint,
        serverUri: this.#account?.uri,
        cause,
      }),
    );
  }

  #wait(delayMs: number): Promise<void> {
    const { platform, stopping } = this.#host.core();
    const { clock } = platform;
    if (delayMs <= 0 || stopping.aborted) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = clock.schedule(clock.now() + delayMs, resolve);
      stopping.addEventListener(
        'abort',
        () => {
          cancel();
          resolve();
        },
        { once: true },
      );
    });
  }
}

/** One bootstrap, from its request to Bootstrap-Finish. */
class Session {
  readonly #host: BootstrapHost;
  readonly #account: ResolvedBootstrapAccount;
  readonly #draft: AccountDraft;
  readonly #interface: BootstrapInterface;
  readonly #settings: PayloadSettings;
  readonly #committed: (accounts: DraftedAccounts) => void;
  readonly #ended: Promise<boolean>;
  #end: (succeeded: boolean) => void = () => undefined;
  #accounts: DraftedAccounts | undefined;
  #cancelSilence: () => void = () => undefined;

  constructor(host: BootstrapHost, account: ResolvedBootstrapAccount, committed: (accounts: DraftedAccounts) => void) {
    const core = host.core();
    this.#host = host;
    this.#account = account;
    this.#committed = committed;
    this.#draft = new AccountDraft(account, host.held());
    this.#ended = new Promise((resolve) => {
      this.#end = resolve;
    });
    this.#settings = settingsOf(core);
    this.#interface = new BootstrapInterface({
      draft: this.#draft,
      target: core,
      settings: this.#settings,
      changesMax: CHANGES_MAX,
      finish: () => this.#finish(),
      finished: () => void this.#adopt(),
    });
  }

  end(succeeded: boolean): void {
    this.#cancelSilence();
    this.#end(succeeded);
  }

  answer(request: Parameters<BootstrapInterface['answer']>[0]): ReturnType<BootstrapInterface['answer']> {
    this.#listen();
    return this.#interface.answer(request);
  }

  /** Asks with Bootstrap-Request, and waits for the end. @returns whether it succeeded */
  async ask(connection: Connection): Promise<boolean> {
    const { preferredContentFormat: pct } = this.#account;
    const core = this.#host.core();
    const query = [`ep=${core.endpoint}`, ...(pct === undefined || core.lwm2mVersion === '1.0' ? [] : [`pct=${pct}`])];
    this.#listen();
    const response = await connection.reopen({ method: 'POST', path: ['bs'], query }, this.#limits());
    if (response.code !== parseCode('2.04')) throw refusedBy(response);
    core.stopping.addEventListener('abort', () => this.end(false), { once: true });
    return await this.#ended;
  }

  /** Asks for a pack, where the client is to. Whatever is wrong with it, Bootstrap-Request follows (Core 1.2 §6.1.7.7). */
  async tryPack(connection: Connection): Promise<boolean> {
    const core = this.#host.core();
    if (!this.#account.asksForPack || core.lwm2mVersion !== '1.2') return false;
    const accept = ContentFormat.SenmlCbor;
    const init = { method: 'GET', path: ['bspack'], query: [`ep=${core.endpoint}`], accept } as const;
    const response = await connection.reopen(init, this.#limits());
    if (response.code !== parseCode('2.05')) return false;
    try {
      const { lookup } = this.#settings;
      this.#interface.takePack(decodePayload(response.contentFormat ?? accept, response.payload, { path: {}, lookup }));
    } catch {
      return false;
    }
    if ((await this.#finish()) !== undefined) return false;
    await this.#adopt();
    return true;
  }

  async #finish(): Promise<string | undefined> {
    const core = this.#host.core();
    const { writes, deletes } = this.#interface;
    let accounts: DraftedAccounts;
    try {
      accounts = this.#draft.accounts();
    } catch (error) {
      if (error instanceof InconsistentAccountsError) return error.message;
      throw error;
    }
    const paths = ['/0', '/1', ...[...writes.map(({ path }) => path), ...deletes].map(formatPath)];
    try {
      await Transaction.run(core.options.transaction ?? {}, paths, async (transaction) => {
        for (const path of deletes) await this.#delete(path);
        for (const written of writes) await provisionInstance(core, written, transaction);
      });
    } catch (cause) {
      core.tellError(
        new LwM2mError('bootstrap-failed', 'the configuration was not taken', {
          operation: 'bootstrap',
          endpoint: core.endpoint,
          cause,
        }),
      );
      return 'the device did not take it';
    }
    this.#accounts = accounts;
    return undefined;
  }

  /** Only once the answer to Bootstrap-Finish has left does the client turn to its servers. */
  async #adopt(): Promise<void> {
    const accounts = this.#accounts;
    if (accounts === undefined) return;
    await this.#host.replace(accounts);
    this.#committed(accounts);
    this.end(true);
  }

  async #delete(path: Parameters<typeof formatPath>[0]): Promise<void> {
    const { tree } = this.#host.core();
    if (path.objectInstanceId === undefined || tree.instance(path) === undefined) return;
    await tree.object(path.objectId)?.handlers?.delete?.(path.objectInstanceId);
    tree.removeInstance(path);
  }

  #limits(): RequestLimits {
    const { requestTimeoutMs: timeoutMs, stopping: signal } = this.#host.core();
    return { timeoutMs, signal };
  }

  #listen(): void {
    const { clock } = this.#host.core().platform;
    this.#cancelSilence();
    this.#cancelSilence = clock.schedule(clock.now() + SILENCE_MS, () => this.end(false));
  }
}

function refusedBy({ code, peer }: CoapResponse): Error {
  const section = 'LwM2M Transport 1.1 Table 6.7-1';
  return new ProtocolError(`the bootstrap server answered ${formatCode(code)}`, { peer, section });
}

/** Objects 0 and 2 may not be in the tree, and are written all the same. */
function settingsOf({ lwm2mVersion, tree, platform }: ClientCore): PayloadSettings {
  const own = new Map<number, ObjectSpec>([
    [0, { '1.0': Security10, '1.1': Security11, '1.2': Security12 }[lwm2mVersion].definition],
    [1, serverSpec(lwm2mVersion)],
    [2, (lwm2mVersion === '1.2' ? AccessControl11 : AccessControl10).definition],
  ]);
  const lookup: ObjectLookup = (objectId) => own.get(objectId) ?? tree.lookup(objectId);
  // Bootstrap never uses the alternate path (LwM2M Transport 1.1 §6.4.1).
  return { lookup, lwm2mVersion, nowSeconds: platform.clock.epochMs() / 1_000, rootPath: '/', rootSegments: [] };
}
