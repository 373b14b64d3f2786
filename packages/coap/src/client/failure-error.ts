import type { PeerId } from '../effects.ts';
import type { Failure } from '../endpoint/endpoint-event.ts';
import {
  BodyChangedError,
  BodyTooLargeError,
  type CoapError,
  ConnectionLostError,
  PeerUnreachableError,
  ProtocolError,
  QueueFullError,
  ResetError,
  TimeoutError,
} from '../errors.ts';

/**
 * The error that a failure is for the caller.
 *
 * @param cause the system's error where a peer cannot be reached, as far as one is known
 */
export function failureError(
  { reason, detail, section = 'RFC 7252 §5.4.1', loss }: Failure,
  peer: PeerId,
  cause?: Error,
): CoapError {
  switch (reason) {
    case 'timeout':
      return new TimeoutError(`${peer} did not answer: ${detail}`, { peer });
    case 'reset':
      return new ResetError(`${peer} sent a Reset: ${detail}`, { peer });
    case 'unreachable':
      return new PeerUnreachableError(`${peer} cannot be reached: ${detail}`, { peer, cause });
    case 'connection-lost': {
      const message = `the connection to ${peer} is lost: ${detail}`;
      return new ConnectionLostError(message, { peer, cause: loss?.cause, loss });
    }
    case 'queue-full':
      return new QueueFullError(`too much is under way to ${peer}: ${detail} is reached`, { peer, limit: detail });
    case 'body-too-large':
      return new BodyTooLargeError(`the response of ${peer} is longer than ${detail}`, { peer, limit: detail });
    case 'body-changed':
      return new BodyChangedError(`${peer}: ${detail}`, { peer });
    case 'protocol':
      return new ProtocolError(`${peer}: ${detail}`, { peer, section });
  }
}
