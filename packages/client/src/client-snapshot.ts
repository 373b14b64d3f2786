import type { EndpointStats } from '@motestack/coap';
import type { ClientState } from './client-events.ts';

/** What a client does now, as plain data. */
export interface ClientSnapshot {
  /** The Endpoint Client Name. */
  readonly endpoint: string;
  /** One entry for each server. */
  readonly servers: readonly {
    /** As the account has it. */
    readonly uri: string;
    /** `/1/x/0` */
    readonly shortServerId: number;
    /** What the client does for it. */
    readonly state: ClientState;
    /** Where the server keeps the registration; `null`: nowhere. */
    readonly location: string | null;
    /** How many observations it has. */
    readonly observations: number;
    /** Counters of the connection; `null` while there is none. */
    readonly coap: EndpointStats | null;
  }[];
}
