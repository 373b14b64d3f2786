import type { Established, Wanted } from '../handshake/handshake-role.ts';
import type { EndReason } from './end-reason.ts';

/** What an association tells its owner. */
export type AssociationEvent =
  | { readonly kind: 'wanted'; readonly wanted: Wanted }
  | ({ readonly kind: 'connected' } & Established)
  /** What a later handshake may go on from; as secret as keys. */
  | { readonly kind: 'session'; readonly sessionId: string; readonly bytes: Uint8Array }
  | { readonly kind: 'datagram'; readonly bytes: Uint8Array }
  /** The answer to a challenge of its owner. */
  | { readonly kind: 'pathResponse'; readonly cookie: Uint8Array }
  | { readonly kind: 'ended'; readonly reason: EndReason; readonly alert: number | undefined };

/** Where one step of an association puts what follows from it. */
export interface StepOutput {
  /** Takes a datagram for the peer. */
  send(bytes: Uint8Array): void;
  /** Takes what the owner is to know. */
  tell(event: AssociationEvent): void;
}
