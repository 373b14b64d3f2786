import type { PeerId } from '../effects.ts';
import type { Framing } from './connection.ts';
import type { ConnectionParameters } from './connection-parameters.ts';

/** How full a layer of connections is at the moment. */
export interface ConnectionGauges {
  /** Connections that are there. */
  readonly connections: number;
  /** Messages and Pings of ours that wait: for a connection, or for the answer. */
  readonly transmissions: number;
  /** Bytes held for messages whose end is not there yet. */
  readonly partialBytes: number;
}

/** What a layer of connections is made of. */
export interface ConnectionLayerInit {
  /** Times and limits. */
  readonly parameters: ConnectionParameters;
  /** How messages are told apart. */
  readonly framing: Framing;
  /** The one peer of a client, to which a connection is made when there is something to send. */
  readonly remote: PeerId | undefined;
}
