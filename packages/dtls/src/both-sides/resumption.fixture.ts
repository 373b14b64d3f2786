import type { Established } from '../handshake/handshake-role.ts';
import { MemorySessionStore } from '../session/memory-session-store.ts';
import { DtlsPair, type PairOptions } from './dtls-pair.fixture.ts';

/** How clients come back. */
export type Way = 'ticket' | 'id';

/** A pair whose server lets clients come back, and whose sessions are in `store`. */
export function resumingPair(way: Way, options: PairOptions = {}): DtlsPair & { readonly store: MemorySessionStore } {
  const store = new MemorySessionStore({ now: () => 0 });
  const pair = new DtlsPair({
    ...options,
    client: { keepsSessions: true, ...options.client },
    server: { givesTickets: way === 'ticket', keepsSessions: way === 'id', ...options.server },
    serverSources: { sessions: store, ...options.serverSources },
  });
  return Object.assign(pair, { store });
}

/** Ends the association and makes another, by a session where there is one. */
export function comeBack(pair: DtlsPair): DtlsPair {
  pair.byServer(pair.server.close(pair.peer())).pump();
  return pair.connect();
}

/** How the last handshake ended on both sides. */
export function lastEstablished({ clientEvents, serverEvents }: DtlsPair): (Established | undefined)[] {
  return [clientEvents, serverEvents].map((events) => events.findLast((event) => event.kind === 'connected'));
}

/** Whether the last handshake was abbreviated, on both sides alike. */
export function isResumed(pair: DtlsPair): boolean {
  const [client, server] = lastEstablished(pair);
  if (client?.isResumed !== server?.isResumed) throw new Error('the sides do not agree');
  return client?.isResumed === true;
}
