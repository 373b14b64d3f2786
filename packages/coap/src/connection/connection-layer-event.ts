import type { PeerId } from '../effects.ts';
import type { Capabilities } from '../wire/index.ts';
import type { ConnectionLoss, ReleaseAdvice } from './connection-event.ts';

/**
 * What a layer of connections tells besides what any message layer tells.
 *
 * - `connected`: the peer's first CSM came: messages go out.
 * - `connection-lost`: what was under way with the peer, and what is observed on either side, is no more.
 * - `released`: the peer wants to be rid of the connection; new requests wait for the next one.
 * - `custody`: the answer to a Ping that asked for custody; `hasCustody`: all before it was processed (RFC 8323 §5.4.1).
 * - `connect`: the driver is to open the connection to the peer.
 * - `disconnect`: the driver is to close the connection, once what was sent is out.
 */
export type ConnectionLayerEvent =
  | { readonly kind: 'connected'; readonly peer: PeerId; readonly capabilities: Capabilities }
  | { readonly kind: 'connection-lost'; readonly peer: PeerId; readonly loss: ConnectionLoss }
  | { readonly kind: 'released'; readonly peer: PeerId; readonly advice: ReleaseAdvice }
  | { readonly kind: 'custody'; readonly peer: PeerId; readonly token: Uint8Array; readonly hasCustody: boolean }
  | { readonly kind: 'connect'; readonly peer: PeerId }
  | { readonly kind: 'disconnect'; readonly peer: PeerId; readonly loss: ConnectionLoss };
