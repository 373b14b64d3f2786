import { readFileSync } from 'node:fs';
import { places } from './places.ts';

export const peerNames = [
  'leshan',
  'californium',
  'aiocoap',
  'go-coap',
  'node-coap',
  'libcoap',
  'openssl',
  'gnutls',
  'mbedtls',
  'pion',
  'tinydtls',
  'tshark',
] as const;
export type PeerName = (typeof peerNames)[number];

/** What became of the preparation of one peer. Not `ready`: its cases are skipped, and `problem` says why. */
export interface PeerReadiness {
  readonly ready: boolean;
  readonly version: string;
  readonly problem?: string;
}

/** What the preparation wrote; a peer that was never prepared is an error, not a skip. */
export function readinessOf(peer: PeerName): PeerReadiness {
  const all = JSON.parse(readFileSync(places.readiness, 'utf8')) as Partial<Record<PeerName, PeerReadiness>>;
  const readiness = all[peer];
  if (readiness === undefined)
    throw new Error(`${peer} was not prepared: run \`pnpm --filter @motestack/interop peers\``);
  return readiness;
}
