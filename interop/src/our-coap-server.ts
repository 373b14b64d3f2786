import { encodeUtf8 } from '@motestack/bytes';
import type { CoapAnswer, CoapEndpoint, CoapRequest, ObserverRelation } from '@motestack/coap/node';
import { ContentFormat, openCoapEndpoint, ResponseCode } from '@motestack/coap/node';
import { delay } from './eventually.ts';

/** Longer than the endpoint waits before it sends the empty acknowledgement. */
const SEPARATE_DELAY_MS = 700;
const TICK_MS = 200;

/** Our endpoint in the server role, with the resources that the aiocoap peer has too. */
export interface OurCoapServer {
  readonly endpoint: CoapEndpoint;
  readonly url: string;
  /** Observers of /observe right now. */
  readonly observers: ReadonlySet<ObserverRelation>;
  close(): Promise<void>;
}

function text(code: number, content: string): CoapAnswer {
  return { code, contentFormat: ContentFormat.TextPlain, payload: encodeUtf8(content) };
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

/** Starts our server on `port`, any free one unless given. */
export async function startOurCoapServer(port = 0): Promise<OurCoapServer> {
  const observers = new Set<ObserverRelation>();
  const store = storeHandler();
  let count = 0;
  const observed = (): CoapAnswer => text(ResponseCode.Content, String(count));
  const handler = async (request: CoapRequest): Promise<CoapAnswer> => {
    switch (request.path.join('/')) {
      case 'hello':
        return request.method === 'GET' ? text(ResponseCode.Content, 'hello') : { code: ResponseCode.MethodNotAllowed };
      case 'echo':
        return {
          code: ResponseCode.Changed,
          payload: request.payload,
          ...(request.contentFormat === undefined ? {} : { contentFormat: request.contentFormat }),
        };
      case 'separate':
        await delay(SEPARATE_DELAY_MS);
        return text(ResponseCode.Content, 'later');
      case 'observe':
        if (request.observe === 0) {
          const relation = request.acceptObserver();
          observers.add(relation);
          relation.signal.addEventListener('abort', () => observers.delete(relation));
        }
        return observed();
      case 'store':
        return store(request);
      default:
        return { code: ResponseCode.NotFound };
    }
  };
  const endpoint = await openCoapEndpoint({ url: `coap://127.0.0.1:${port}`, handler });
  const ticker = setInterval(() => {
    count += 1;
    for (const observer of observers) observer.notify(observed(), { confirmable: count % 2 === 0 });
  }, TICK_MS);
  const close = async (): Promise<void> => {
    clearInterval(ticker);
    await endpoint.close();
  };
  return { endpoint, url: endpoint.localUrl, observers, close };
}
