import type { PeerId } from '../effects.ts';
import type { CoapResponse } from './coap-response.ts';

/**
 * Keeps observations in place of an endpoint, which forgets them after `CoapEndpoint.handOver`: for who has very many, or wants
 * them to outlive the process. The keeper judges the order of notifications (`isNewerNotification`, RFC 7641 §3.4), and fetches
 * the rest of one that has several blocks by a request of its own (RFC 7959 §2.6).
 */
export interface ObservationKeeper {
  /** Whether an observation with this token is kept for this peer; if not, its notification gets a Reset (RFC 7641 §3.6). */
  has(peer: PeerId, token: string): boolean;
  /** Takes a notification, which was acknowledged. Without `observe`, or with an error code, it is the last (RFC 7641 §3.2). */
  handleNotification(token: string, notification: CoapResponse): void;
}
