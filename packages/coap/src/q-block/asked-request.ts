import type { Instant, PeerId, Timer } from '../effects.ts';
import type { OutgoingMessage } from '../messaging.ts';
import type { Option } from '../wire/index.ts';
import { tokenKey } from '../wire/token-key.ts';
import type { Burst } from './burst.ts';
import type { Part } from './lower-layer.ts';
import type { ReceivingBody } from './receiving-body.ts';

/** A request body that is being sent. */
export interface Upload {
  readonly szx: number;
  readonly blockCount: number;
  /** Paces a Non-confirmable body; `undefined`: each block goes when the one before is acknowledged. */
  readonly burst: Burst | undefined;
  /** Confirmable: the block that is under way. */
  blockNumber: number;
  /** Which block went with which token, by the number of the token. */
  readonly blockOfToken: number[];
  /** How often the last block was repeated since the peer was heard. */
  repeats: number;
  /** When it is repeated; `undefined`: not all blocks went. */
  repeatAt: Instant | undefined;
}

/** A response body that is being received. */
export interface Download {
  readonly body: ReceivingBody;
  readonly eTag: Uint8Array;
  /** Its Observe; `undefined`: it has none, or no block with it came yet. */
  observe: number | undefined;
  code: number;
  options: readonly Option[];
}

/** Of the token of every message behind the first: a number in the place behind the request's own token. */
export const TOKEN_NUMBER_BYTES = 2;

/** One request of ours that has to do with Q-Block, until its response is told or its observation ends. */
export class AskedRequest<Context> implements Timer {
  deadline: Instant = 0;
  heapIndex = -1;
  readonly peer: PeerId;
  readonly key: string;
  readonly request: OutgoingMessage;
  readonly context: Context;
  readonly part: Part<Context>;
  /** Whether its bodies go as Confirmable messages. */
  readonly isConfirmable: boolean;
  /** Its Request-Tag, where it has a payload. */
  readonly tag: Option | undefined;
  upload: Upload | undefined;
  download: Download | undefined;
  /** The ETag of the body that was told last, and the Observe that came with it. */
  told: { readonly eTag: Uint8Array; readonly observe: number | undefined } | undefined;
  /** Whether the response was told: what comes now are notifications. */
  isAnswered = false;
  restarts = 0;
  #tokens = 0;

  constructor(init: Pick<AskedRequest<Context>, 'peer' | 'request' | 'context' | 'part' | 'isConfirmable' | 'tag'>) {
    this.peer = init.peer;
    this.request = init.request;
    this.context = init.context;
    this.part = init.part;
    this.isConfirmable = init.isConfirmable;
    this.tag = init.tag;
    this.key = askedKey(init.peer, init.request.token);
  }

  /** A token for another message of this request, and its number. */
  nextToken(): { readonly token: Uint8Array; readonly number: number } {
    this.#tokens = (this.#tokens + 1) & 0xffff;
    const own = this.request.token;
    const token = new Uint8Array(own.length + TOKEN_NUMBER_BYTES);
    token.set(own);
    token[own.length] = this.#tokens >>> 8;
    token[own.length + 1] = this.#tokens;
    return { token, number: this.#tokens };
  }
}

/** What tells requests apart. */
export function askedKey(peer: PeerId, token: Uint8Array): string {
  return `${peer} ${tokenKey(token)}`;
}

/** The number in a token that `nextToken` made. */
export function tokenNumber(token: Uint8Array): number {
  const [high = 0, low = 0] = token.subarray(-TOKEN_NUMBER_BYTES);
  return (high << 8) | low;
}
