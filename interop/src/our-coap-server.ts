import { encodeUtf8, fromHex, toHex } from '@motestack/bytes';
import type {
  CoapAnswer,
  CoapEndpoint,
  CoapRequest,
  ObserverRelation,
  OpenCoapEndpointOptions,
} from '@motestack/coap/node';
import { ContentFormat, OptionNumber, openCoapEndpoint, ResponseCode } from '@motestack/coap/node';
import { delay } from './eventually.ts';
import { LARGE_BYTES, pattern } from './pattern.ts';
import { type PeerNetwork, urlOn } from './peer-network.ts';

/** Longer than the endpoint waits before it sends the empty acknowledgement. */
const SEPARATE_DELAY_MS = 700;
const TICK_MS = 200;
const ECHO = '0123456789abcdef';

/** Our endpoint in the server role, with the resources that the peers' servers have too. */
export interface OurCoapServer {
  readonly endpoint: CoapEndpoint;
  readonly url: string;
  /** Observers of /observe and /large-observe right now. */
  readonly observers: ReadonlyMap<ObserverRelation, unknown>;
  close(): Promise<void>;
}

function text(code: number, content: string): CoapAnswer {
  return { code, contentFormat: ContentFormat.TextPlain, payload: encodeUtf8(content) };
}

function large(seed: number): CoapAnswer {
  return {
    code: ResponseCode.Content,
    contentFormat: ContentFormat.OctetStream,
    payload: pattern(LARGE_BYTES, seed),
  };
}

/** Answers who sends back the Echo that it gave him (RFC 9175 §2.3). */
function fresh(request: CoapRequest): CoapAnswer {
  const isFresh = request.options.some(({ number, value }) => number === OptionNumber.Echo && toHex(value) === ECHO);
  if (isFresh) return text(ResponseCode.Content, 'fresh');
  return { code: ResponseCode.Unauthorized, options: [{ number: OptionNumber.Echo, value: fromHex(ECHO) }] };
}

/** Nothing at first; PUT creates or changes, POST appends, DELETE removes. */
function storeHandler(): (request: CoapRequest) => CoapAnswer {
  let stored: Uint8Array | undefined;
  return ({ method, payload }) => {
    switch (method) {
      case 'GET':
        if (stored === undefined) return text(ResponseCode.NotFound, 'nothing stored');
        return { code: ResponseCode.Content, contentFormat: ContentFormat.TextPlain, payload: stored };
      case 'PUT': {
        const code = stored === undefined ? ResponseCode.Created : ResponseCode.Changed;
        stored = payload;
        return { code };
      }
      case 'POST':
        stored = Uint8Array.from([...(stored ?? []), ...payload]);
        return { code: ResponseCode.Changed, contentFormat: ContentFormat.TextPlain, payload: stored };
      case 'DELETE':
        stored = undefined;
        return { code: ResponseCode.Deleted };
      case 'FETCH':
      case 'PATCH':
      case 'iPATCH':
        return { code: ResponseCode.MethodNotAllowed };
    }
  };
}

/**
 * Starts our server.
 *
 * @param options `port`: any free one unless given. `network`: UDP unless given. `confirmable`: which notifications are
 *   Confirmable; every second unless given. `endpoint`: how else it is opened
 */
export async function startOurCoapServer(
  options: {
    readonly port?: number;
    readonly network?: PeerNetwork;
    readonly confirmable?: false;
    readonly endpoint?: OpenCoapEndpointOptions;
  } = {},
): Promise<OurCoapServer> {
  const { port = 0, network = 'udp' } = options;
  const observers = new Map<ObserverRelation, () => CoapAnswer>();
  const store = storeHandler();
  let count = 0;
  const contents: Readonly<Record<string, () => CoapAnswer>> = {
    observe: () => text(ResponseCode.Content, String(count)),
    'large-observe': () => large(count & 0xff),
  };
  const observed = (request: CoapRequest, content: () => CoapAnswer): CoapAnswer => {
    if (request.observe !== 0) return content();
    const relation = request.acceptObserver();
    observers.set(relation, content);
    relation.signal.addEventListener('abort', () => observers.delete(relation));
    return content();
  };
  const handler = async (request: CoapRequest): Promise<CoapAnswer> => {
    const path = request.path.join('/');
    const content = contents[path];
    if (content !== undefined) return observed(request, content);
    switch (path) {
      case 'hello':
        return request.method === 'GET' ? text(ResponseCode.Content, 'hello') : { code: ResponseCode.MethodNotAllowed };
      case 'echo':
        return {
          code: request.method === 'FETCH' ? ResponseCode.Content : ResponseCode.Changed,
          payload: request.payload,
          ...(request.contentFormat === undefined ? {} : { contentFormat: request.contentFormat }),
        };
      case 'separate':
        await delay(SEPARATE_DELAY_MS);
        return text(ResponseCode.Content, 'later');
      case 'fresh':
        return fresh(request);
      case 'large':
        return large(0);
      case 'store':
        return store(request);
      default:
        return { code: ResponseCode.NotFound };
    }
  };
  const endpoint = await openCoapEndpoint({ url: urlOn(network, port), ...options.endpoint, handler });
  const ticker = setInterval(() => {
    count += 1;
    for (const [observer, content] of observers)
      observer.notify(content(), { confirmable: options.confirmable ?? count % 2 === 0 });
  }, TICK_MS);
  const close = async (): Promise<void> => {
    clearInterval(ticker);
    await endpoint.close();
  };
  return { endpoint, url: endpoint.localUrl, observers, close };
}
