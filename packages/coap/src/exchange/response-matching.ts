import type { PeerId } from '../effects.ts';

/**
 * Whether a response with the right token may come from another peer than the one that was asked. It is asked only for
 * a separate response or a notification: an Acknowledgement has to come from where the request went, since message IDs
 * can be guessed.
 *
 * @param asked to whom the request went
 * @param answering from whom the response came, which is not the same
 * @see RFC 7252 §5.3.2
 */
export type ResponseMatching = (asked: PeerId, answering: PeerId) => boolean;

/**
 * "The source endpoint of the response MUST be the same as the destination endpoint of the original request": the same
 * address and port, over a protected transport the same association. The default.
 *
 * @see RFC 7252 §5.3.2
 */
export const strictMatching: ResponseMatching = () => false;

/**
 * The token alone decides: for peers that answer from another address than the one they were asked at, such as those
 * behind a NAT that forgot them or with several addresses. What protects against forged responses then is that nobody
 * can guess a token, so `tokenBytes` is better 8; who can read the traffic can forge a response.
 */
export const relaxedMatching: ResponseMatching = () => true;

/**
 * The peers may be two associations of the same identity: for protected transports, where a peer that lost its
 * association makes a new one and answers there.
 *
 * @param identityOf the identity that a peer has proved; `undefined` for one that has not, which matches nobody else
 */
export function sameIdentityMatching(identityOf: (peer: PeerId) => string | undefined): ResponseMatching {
  return (asked, answering) => {
    const identity = identityOf(answering);
    return identity !== undefined && identity === identityOf(asked);
  };
}
