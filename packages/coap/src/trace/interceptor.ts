import type { DecodeError } from '@motestack/bytes';
import type { Instant, PeerId } from '../effects.ts';

import type { Message } from '../wire/index.ts';

/** What there is to say about a message besides what stands in it. */
export interface InterceptedAbout {
  /** Where it came from, or goes to. */
  readonly peer: PeerId;
  /** Monotonic milliseconds of the endpoint's clock. */
  readonly at: Instant;
  /** How long it is as a whole. */
  readonly byteLength: number;
  /** Whether the same message came or went before: a retransmission, a copy, the same answer to a copy. */
  readonly isRepeated: boolean;
}

/** Sees every message of an endpoint, in both roles, before anything is done about it. It changes nothing. */
export interface Interceptor {
  /** A message came. It is valid until the call returns: token, options and payload are views of what was received. */
  incoming?(message: Message, about: InterceptedAbout): void;
  /** A message goes out. It is valid until the call returns. */
  outgoing?(message: Message, about: InterceptedAbout): void;
  /** What came is no message of CoAP. */
  malformed?(error: DecodeError, about: InterceptedAbout): void;
}
