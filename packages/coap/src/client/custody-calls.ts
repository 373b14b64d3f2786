import type { ConnectionLayerEvent } from '../connection/connection-layer-event.ts';
import type { PeerId } from '../effects.ts';
import { type CoapError, ConnectionLostError, TimeoutError } from '../errors.ts';
import type { Clock } from '../platform/clock.ts';

interface CustodyCall {
  readonly peer: PeerId;
  readonly token: string;
  end(answer: boolean | CoapError): void;
}

/** Behind one byte that no token of another Ping begins with. */
const FIRST_BYTE = 0xc5;

/** The Pings that ask for custody, and who waits for their answers (RFC 8323 §5.4.1). */
export class CustodyCalls {
  readonly #clock: Clock;
  readonly #calls = new Set<CustodyCall>();
  #next = 0;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /**
   * Asks once.
   *
   * @param send sends the Ping with this token
   * @returns whether the peer says that it has processed all that came before
   */
  ask(peer: PeerId, timeoutMs: number, send: (token: Uint8Array) => void): Promise<boolean> {
    const number = this.#next++;
    const token = Uint8Array.of(FIRST_BYTE, number >>> 24, number >>> 16, number >>> 8, number);
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.schedule(this.#clock.now() + timeoutMs, () =>
        call.end(new TimeoutError(`${peer} did not answer a Ping that asks for custody`, { peer })),
      );
      const call: CustodyCall = {
        peer,
        token: token.join(),
        end: (answer) => {
          cancel();
          this.#calls.delete(call);
          if (typeof answer === 'boolean') resolve(answer);
          else reject(answer);
        },
      };
      this.#calls.add(call);
      send(token);
    });
  }

  /** Takes what becomes of connections. */
  handleEvent(event: ConnectionLayerEvent): void {
    const { kind, peer } = event;
    if (kind === 'custody') {
      // One without a token is for the oldest: libcoap 4.3.1 leaves out what "MUST" come back (RFC 8323 §5.4).
      const token = event.token.join();
      const isIt = (call: CustodyCall): boolean => call.peer === peer && (token === '' || call.token === token);
      [...this.#calls].find(isIt)?.end(event.hasCustody);
    } else if (kind === 'connection-lost') {
      const { loss } = event;
      const message = `the connection to ${peer} is lost: ${loss.detail}`;
      this.failAll((of) => new ConnectionLostError(message, { peer: of, cause: loss.cause, loss }), peer);
    }
  }

  /** Ends those that wait for `only`, or all. */
  failAll(make: (peer: PeerId) => CoapError, only?: PeerId): void {
    for (const call of [...this.#calls]) if (only === undefined || call.peer === only) call.end(make(call.peer));
  }
}
