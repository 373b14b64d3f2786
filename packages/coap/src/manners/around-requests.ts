import { isBodySource, isStreamedBody } from '../bodies/body-source.ts';
import type { RequestingEndpoint } from '../client/coap-client.ts';
import type { CoapRequestInit, RequestOptions } from '../client/coap-request-init.ts';
import type { CoapResponse } from '../client/coap-response.ts';
import type { PeerId } from '../effects.ts';

/** One request or observation that is asked for, and how to ask it. */
export interface AskedRequest<Result> {
  /** Who is asked. */
  readonly peer: PeerId;
  /** What is asked. */
  readonly init: CoapRequestInit;
  /** How long it is waited for. */
  readonly options: RequestOptions;
  /** Asks; may be called again where the request {@link isRepeatable}. */
  readonly ask: (init: CoapRequestInit) => Promise<Result>;
  /** The response in what `ask` gave. */
  readonly responseOf: (result: Result) => CoapResponse;
}

/**
 * An endpoint that does something around every request and observation of another: what is not needed is not there.
 *
 * @param around asks, once or more often
 * @param onClose called before the endpoint is closed
 */
export function aroundRequests(
  endpoint: RequestingEndpoint,
  around: <Result>(asked: AskedRequest<Result>) => Promise<Result>,
  onClose: () => void,
): RequestingEndpoint {
  return {
    request: (peer, init, options = {}) => {
      const ask = (again: CoapRequestInit): Promise<CoapResponse> => endpoint.request(peer, again, options);
      return around({ peer, init, options, ask, responseOf: (response) => response });
    },
    observe: (peer, init, callbacks, options = {}) => {
      const ask = (again: CoapRequestInit): ReturnType<RequestingEndpoint['observe']> =>
        endpoint.observe(peer, again, callbacks, options);
      return around({ peer, init, options, ask, responseOf: ({ response }) => response });
    },
    ping: (peer, options) => endpoint.ping(peer, options),
    stats: () => endpoint.stats(),
    close: (options) => {
      onClose();
      return endpoint.close(options);
    },
  };
}

/** Whether a request can be sent again: what is streamed from an iterable is gone. */
export function isRepeatable({ payload }: CoapRequestInit): boolean {
  return !isStreamedBody(payload) || isBodySource(payload);
}
