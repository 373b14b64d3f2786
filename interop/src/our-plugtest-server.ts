import { encodeUtf8, toHex } from '@motestack/bytes';
import type { CoapAnswer, CoapEndpoint, CoapRequest, ObserverRelation } from '@motestack/coap/node';
import {
  ContentFormat,
  defaultEndpointParameters,
  OptionNumber,
  openCoapEndpoint,
  ResponseCode,
} from '@motestack/coap/node';
import { delay } from './eventually.ts';
import { pattern } from './pattern.ts';
import { PLUGTEST_LARGE_BYTES } from './plugtest-block-cases.ts';

const TICK_MS = 200;
/** Longer than the endpoint waits before it sends the empty acknowledgement. */
const SEPARATE_DELAY_MS = 300;
const XML = 41;

type Handler = (request: CoapRequest) => CoapAnswer | Promise<CoapAnswer>;

function text(content: string | Uint8Array, contentFormat: number = ContentFormat.TextPlain): CoapAnswer {
  const payload = typeof content === 'string' ? encodeUtf8(content) : content;
  return { code: ResponseCode.Content, contentFormat, payload };
}

const octets = (content: Uint8Array): CoapAnswer => text(content, ContentFormat.OctetStream);
const valuesOf = (request: CoapRequest, wanted: number): string[] =>
  request.options.filter(({ number }) => number === wanted).map(({ value }) => toHex(value));

/** By method; what is missing is 4.05. */
function methods(handlers: Partial<Record<CoapRequest['method'], Handler>>): Handler {
  return (request) => handlers[request.method]?.(request) ?? { code: ResponseCode.MethodNotAllowed };
}

function validate(): Handler {
  let content: Uint8Array = encodeUtf8('first');
  let version = 1;
  return methods({
    GET: (request) => {
      const eTag = Uint8Array.of(version);
      if (valuesOf(request, OptionNumber.ETag).includes(toHex(eTag))) return { code: ResponseCode.Valid, eTag };
      return { ...text(content), eTag };
    },
    PUT: (request) => {
      const wanted = valuesOf(request, OptionNumber.IfMatch);
      if (wanted.length > 0 && !wanted.includes(toHex(Uint8Array.of(version))))
        return { code: ResponseCode.PreconditionFailed };
      content = request.payload;
      version += 1;
      return { code: ResponseCode.Changed };
    },
  });
}

function create(): Handler {
  let exists = false;
  return methods({
    PUT: (request) => {
      if (exists && valuesOf(request, OptionNumber.IfNoneMatch).length > 0)
        return { code: ResponseCode.PreconditionFailed };
      const code = exists ? ResponseCode.Changed : ResponseCode.Created;
      exists = true;
      return { code };
    },
    DELETE: () => {
      exists = false;
      return { code: ResponseCode.Deleted };
    },
  });
}

function kept(content: Uint8Array): Handler {
  let now = content;
  return methods({
    GET: () => octets(now),
    PUT: ({ payload }) => {
      now = payload;
      return { code: ResponseCode.Changed };
    },
  });
}

/** Changes with every tick; PUT replaces what it tells; another format or DELETE ends the observations. */
class Observed {
  readonly #content: (count: number) => Uint8Array;
  readonly #confirmable: boolean;
  readonly observers = new Set<ObserverRelation>();
  #count = 0;
  #put: Uint8Array | undefined;

  constructor(content: (count: number) => Uint8Array, confirmable: boolean) {
    this.#content = content;
    this.#confirmable = confirmable;
  }

  tick(): void {
    this.#count += 1;
    if (this.#count % 4 === 0) this.#put = undefined;
    this.#notify(this.#answer());
  }

  readonly handle: Handler = methods({
    GET: (request) => {
      if (request.observe === 0) {
        const relation = request.acceptObserver();
        this.observers.add(relation);
        relation.signal.addEventListener('abort', () => this.observers.delete(relation));
      }
      return this.#answer();
    },
    PUT: (request) => {
      if (request.contentFormat !== ContentFormat.TextPlain) {
        return { code: ResponseCode.Changed, whenSent: () => this.#notify({ code: ResponseCode.NotAcceptable }) };
      }
      this.#put = request.payload;
      return { code: ResponseCode.Changed, whenSent: () => this.#notify(this.#answer()) };
    },
    DELETE: () => ({ code: ResponseCode.Deleted, whenSent: () => this.#notify({ code: ResponseCode.NotFound }) }),
  });

  #answer(): CoapAnswer {
    return text(this.#put ?? this.#content(this.#count));
  }

  #notify(answer: CoapAnswer): void {
    for (const observer of [...this.observers]) observer.notify(answer, { confirmable: this.#confirmable });
  }
}

const count = (value: number): Uint8Array => encodeUtf8(String(value));

/** What is observed, by path. */
function observedResources(): Readonly<Record<string, Observed>> {
  return {
    obs: new Observed(count, true),
    'obs-non': new Observed(count, false),
    'obs-large': new Observed((value) => pattern(PLUGTEST_LARGE_BYTES, value & 0xff), true),
  };
}

function resources(): Readonly<Record<string, Handler>> {
  const fixed = (content: string): Handler => methods({ GET: () => text(content) });
  let large: Uint8Array = new Uint8Array(0);
  return {
    test: methods({
      GET: () => text('test'),
      PUT: () => ({ code: ResponseCode.Changed }),
      POST: () => ({ code: ResponseCode.Created, locationPath: ['location1', 'location2', 'location3'] }),
      DELETE: () => ({ code: ResponseCode.Deleted }),
    }),
    'seg1/seg2/seg3': fixed('segments'),
    query: methods({ GET: ({ query }) => text(query.join('\n')) }),
    separate: methods({ GET: () => delay(SEPARATE_DELAY_MS).then(() => text('later')) }),
    'location-query': methods({
      POST: () => {
        const options = ['first=1', 'second=2'].map((argument) => ({
          number: OptionNumber.LocationQuery,
          value: encodeUtf8(argument),
        }));
        return { code: ResponseCode.Created, options };
      },
    }),
    'multi-format': methods({
      GET: ({ accept }) => {
        if (accept === XML) return text('<text/>', XML);
        const isPlain = accept === undefined || accept === ContentFormat.TextPlain;
        return isPlain ? text('text') : { code: ResponseCode.NotAcceptable };
      },
    }),
    validate: validate(),
    create1: create(),
    large: methods({ GET: () => octets(pattern(PLUGTEST_LARGE_BYTES)) }),
    'large-update': kept(pattern(PLUGTEST_LARGE_BYTES, 1)),
    'large-create': methods({
      POST: ({ payload }) => {
        large = payload;
        return { code: ResponseCode.Created, locationPath: ['large-create', '1'] };
      },
    }),
    'large-create/1': methods({ GET: () => octets(large) }),
    'large-post': methods({ POST: ({ payload }) => ({ ...octets(payload), code: ResponseCode.Changed }) }),
  };
}

/** Our endpoint with the resources that the ETSI plugtest description wants of a server, in blocks of 64 bytes. */
export async function startOurPlugtestServer(): Promise<{
  readonly endpoint: CoapEndpoint;
  readonly url: string;
  close(): Promise<void>;
}> {
  const observed = observedResources();
  const handlers: Readonly<Record<string, Handler>> = {
    ...resources(),
    ...Object.fromEntries(Object.entries(observed).map(([path, { handle }]) => [path, handle])),
    observers: methods({
      GET: () => text(count(Object.values(observed).reduce((sum, { observers }) => sum + observers.size, 0))),
    }),
  };
  const handler: Handler = (request) => handlers[request.path.join('/')]?.(request) ?? { code: ResponseCode.NotFound };
  const criticalOptions = [
    ...defaultEndpointParameters.criticalOptions,
    OptionNumber.IfMatch,
    OptionNumber.IfNoneMatch,
  ];
  const parameters = { criticalOptions, blockSzx: 2, ackTimeoutMs: 150, piggybackWindowMs: 100, maxRetransmit: 3 };
  const endpoint = await openCoapEndpoint({ url: 'coap://127.0.0.1:0', handler, parameters });
  const ticker = setInterval(() => {
    for (const resource of Object.values(observed)) resource.tick();
  }, TICK_MS);
  const close = async (): Promise<void> => {
    clearInterval(ticker);
    await endpoint.close();
  };
  return { endpoint, url: endpoint.localUrl, close };
}
