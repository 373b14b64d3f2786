import type { DtlsServerStats } from './server-options.ts';

/** What a server counts while it runs. */
export type ServerCounts = { -readonly [Name in keyof Omit<DtlsServerStats, 'associations' | 'handshakes'>]: number };

/** Of a server that has just begun. */
export function newServerCounts(): ServerCounts {
  return {
    cookiesSent: 0,
    handshakesBegun: 0,
    handshakesFailed: 0,
    handshakesEvicted: 0,
    associationsEvicted: 0,
    resumptions: 0,
    unknownIdentities: 0,
    recordsDropped: 0,
    moves: 0,
    pathsChecked: 0,
    withheld: 0,
  };
}
