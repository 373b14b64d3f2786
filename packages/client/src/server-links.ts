import type { ClientCore } from './client-core.ts';
import type { ClientState } from './client-events.ts';
import { RegistrationOrder } from './registration/registration-order.ts';
import { assertDistinct, type ResolvedAccount } from './server-account.ts';
import { ServerLink } from './server-link.ts';

/** What is told of all servers. */
export interface ServerLinksListener {
  registered(link: ServerLink): void;
  updated(link: ServerLink): void;
  state(state: ClientState, link: ServerLink): void;
}

/** The servers of a client, in the order in which it registers at them. */
export class ServerLinks {
  readonly #core: ClientCore;
  readonly #listener: ServerLinksListener;
  readonly #order = new RegistrationOrder<ServerLink>();
  readonly #accounts = new Map<ServerLink, ResolvedAccount>();
  #links: readonly ServerLink[] = [];
  #isBegun = false;

  constructor(core: ClientCore, listener: ServerLinksListener) {
    this.#core = core;
    this.#listener = listener;
  }

  /** All of them, in the order of their accounts. */
  get all(): readonly ServerLink[] {
    return this.#links;
  }

  /** One of them. */
  find(shortServerId: number): ServerLink | undefined {
    return this.#links.find((link) => link.info.shortServerId === shortServerId);
  }

  /** The account that a server was added with. */
  accountOf(link: ServerLink): ResolvedAccount | undefined {
    return this.#accounts.get(link);
  }

  /** Begins to register. */
  begin(): void {
    this.#isBegun = true;
    this.#order.begin(this.#links);
  }

  /**
   * Adds a server, with an instance of object 1.
   *
   * @param objectInstanceId of that instance; the lowest that is free unless said
   * @throws {TypeError} for a Short Server ID that another one has
   */
  add(account: ResolvedAccount, objectInstanceId: number = this.#freeInstanceId()): void {
    assertDistinct([...this.#accounts.values(), account]);
    const link = new ServerLink(this.#core, account, objectInstanceId, {
      registered: (registered) => {
        this.#listener.registered(registered);
        this.#order.registered(registered);
      },
      updated: (updated) => this.#listener.updated(updated),
      state: (state, changed) => this.#listener.state(state, changed),
      failed: (failed) => this.#order.failed(failed),
    });
    this.#links = [...this.#links, link];
    this.#accounts.set(link, account);
    if (this.#isBegun) this.#order.begin([link]);
  }

  /** Removes a server and its instance of object 1; the link still has to be stopped. */
  remove(link: ServerLink): void {
    this.#links = this.#links.filter((other) => other !== link);
    this.#accounts.delete(link);
    this.#core.tree.removeInstance(link.accountPath);
    this.#order.forget(link);
  }

  #freeInstanceId(): number {
    const taken = new Set(this.#links.map((link) => link.accountPath.objectInstanceId));
    let id = 0;
    while (taken.has(id)) id += 1;
    return id;
  }
}
