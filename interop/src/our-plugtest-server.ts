import { encodeUtf8, toHex } from '@motestack/bytes';
import type {
  CoapAnswer,
  CoapEndpoint,
  CoapRequest,
  OpenCoapEndpointOptions,
  RouteHandler,
} from '@motestack/coap/node';
import {
  CoapRouter,
  ContentFormat,
  changed,
  content,
  created,
  defaultEndpointParameters,
  deleted,
  OptionNumber,
  openCoapEndpoint,
  ResponseCode,
} from '@motestack/coap/node';
import { delay } from './eventually.ts';
import { pattern } from './pattern.ts';
import { type PeerNetwork, urlOn } from './peer-network.ts';
import { PLUGTEST_LARGE_BYTES } from './plugtest-block-cases.ts';

const TICK_MS = 200;
/** Longer than the endpoint waits before it sends the empty acknowledgement. */
const SEPARATE_DELAY_MS = 300;
const XML = 41;
/** A client that hears nothing for so long, and a little longer, registers again (TD_COAP_OBS_04). */
const MAX_AGE_SECONDS = 2;
/** For so many ticks what was PUT is told. */
const PUT_TICKS = 4;

type Handler = RouteHandler<unknown>;

const text = (answer: string | Uint8Array): CoapAnswer => content(answer, ContentFormat.TextPlain);
const octets = (answer: Uint8Array): CoapAnswer => content(answer, ContentFormat.OctetStream);
const valuesOf = (request: CoapRequest, wanted: number): string[] =>
  request.options.filter(({ number }) => number === wanted).map(({ value }) => toHex(value));

function addValidate(router: CoapRouter): void {
  let now: Uint8Array = encodeUtf8('first');
  let version = 1;
  const get: Handler = ({ request }) => {
    const eTag = Uint8Array.of(version);
    if (valuesOf(request, OptionNumber.ETag).includes(toHex(eTag))) return { code: ResponseCode.Valid, eTag };
    return { ...text(now), eTag };
  };
  const put: Handler = ({ request }) => {
    const wanted = valuesOf(request, OptionNumber.IfMatch);
    if (wanted.length > 0 && !wanted.includes(toHex(Uint8Array.of(version))))
      return { code: ResponseCode.PreconditionFailed };
    now = request.payload;
    version += 1;
    return changed();
  };
  router.resource('/validate', { get, put });
}

function addCreate(router: CoapRouter): void {
  let exists = false;
  const put: Handler = ({ request }) => {
    if (exists && valuesOf(request, OptionNumber.IfNoneMatch).length > 0)
      return { code: ResponseCode.PreconditionFailed };
    const answer = exists ? changed() : created();
    exists = true;
    return answer;
  };
  const remove: Handler = () => {
    exists = false;
    return deleted();
  };
  router.resource('/create1', { put, delete: remove });
}

function addLarge(router: CoapRouter): void {
  let updated = pattern(PLUGTEST_LARGE_BYTES, 1);
  let made: Uint8Array = new Uint8Array(0);
  router.get('/large', () => octets(pattern(PLUGTEST_LARGE_BYTES)), { sz: PLUGTEST_LARGE_BYTES });
  router.resource('/large-update', {
    get: () => octets(updated),
    put: ({ request }) => {
      updated = request.payload;
      return changed();
    },
  });
  router.post('/large-create', ({ request }) => {
    made = request.payload;
    return created(['large-create', '1']);
  });
  router.get('/large-create/1', () => octets(made));
  router.post('/large-post', ({ request }) => ({ ...octets(request.payload), code: ResponseCode.Changed }));
}

function addLinks(router: CoapRouter): void {
  router.get('/link1', () => text('link1'), { rt: ['Type1', 'Type2'], if: 'If1' });
  router.get('/link2', () => text('link2'), { rt: ['Type2', 'Type3'], if: 'If2' });
  router.get('/link3', () => text('link3'), { rt: ['Type1', 'Type3'], if: 'foo' });
  const links = '</path/sub1>,</path/sub2>,</path/sub3>';
  router.get('/path', () => content(links, ContentFormat.LinkFormat), { ct: ContentFormat.LinkFormat });
  for (const sub of ['sub1', 'sub2', 'sub3']) router.get(`/path/${sub}`, () => text(sub));
}

function addSimple(router: CoapRouter): void {
  router.resource('/test', {
    get: () => text('test'),
    put: changed,
    post: () => created(['location1', 'location2', 'location3']),
    delete: deleted,
  });
  router.get('/seg1/seg2/seg3', () => text('segments'));
  router.get('/query', ({ request }) => text(request.query.join('\n')));
  router.get('/separate', () => delay(SEPARATE_DELAY_MS).then(() => text('later')));
  router.post('/location-query', () => {
    const number = OptionNumber.LocationQuery;
    return { ...created(), options: ['first=1', 'second=2'].map((one) => ({ number, value: encodeUtf8(one) })) };
  });
  router.get('/multi-format', ({ request: { accept } }) => {
    if (accept === XML) return content('<text/>', XML);
    const isPlain = accept === undefined || accept === ContentFormat.TextPlain;
    return isPlain ? text('text') : { code: ResponseCode.NotAcceptable };
  });
}

interface Ticking {
  tick(): void;
  readonly observers: number;
}

/** Changes with every tick; PUT replaces what it tells for a while; another format or DELETE ends the observations. */
function addObservable(
  router: CoapRouter,
  pattern: string,
  confirmable: boolean,
  state: (count: number) => Uint8Array,
): Ticking {
  let count = 0;
  let told: Uint8Array | undefined;
  let end: number | undefined;
  const get = (): CoapAnswer => {
    const code = end;
    end = undefined;
    return code === undefined ? { ...text(told ?? state(count)), maxAgeSeconds: MAX_AGE_SECONDS } : { code };
  };
  const resource = router.observable(pattern, { get, confirmable });
  const endAll = (code: number, answer: CoapAnswer): CoapAnswer => {
    end = code;
    resource.changed();
    return answer;
  };
  router.put(pattern, ({ request }) => {
    if (request.contentFormat !== ContentFormat.TextPlain) return endAll(ResponseCode.NotAcceptable, changed());
    told = request.payload;
    resource.changed();
    return changed();
  });
  router.delete(pattern, () => endAll(ResponseCode.NotFound, deleted()));
  const tick = (): void => {
    count += 1;
    if (count % PUT_TICKS === 0) told = undefined;
    resource.changed();
  };
  return {
    tick,
    get observers() {
      return resource.observers;
    },
  };
}

const digits = (count: number): Uint8Array => encodeUtf8(String(count));

/** Our router with the resources that the ETSI plugtest description wants of a server, in blocks of 64 bytes. */
export async function startOurPlugtestServer(
  network: PeerNetwork = 'udp',
  connectionParameters: OpenCoapEndpointOptions['connectionParameters'] = {},
): Promise<{
  readonly endpoint: CoapEndpoint;
  readonly url: string;
  close(): Promise<void>;
}> {
  const router = new CoapRouter();
  for (const add of [addSimple, addValidate, addCreate, addLarge, addLinks]) add(router);
  const observed = [
    addObservable(router, '/obs', true, digits),
    addObservable(router, '/obs-non', false, digits),
    addObservable(router, '/obs-large', true, (count) => pattern(PLUGTEST_LARGE_BYTES, count & 0xff)),
  ];
  router.get('/observers', () => text(digits(observed.reduce((sum, { observers }) => sum + observers, 0))));
  const criticalOptions = [
    ...defaultEndpointParameters.criticalOptions,
    OptionNumber.IfMatch,
    OptionNumber.IfNoneMatch,
  ];
  const parameters = { criticalOptions, blockSzx: 2, ackTimeoutMs: 150, piggybackWindowMs: 100, maxRetransmit: 3 };
  const endpoint = await openCoapEndpoint({
    url: urlOn(network, 0),
    handler: router.handler,
    parameters,
    connectionParameters,
  });
  const ticker = setInterval(() => {
    for (const resource of observed) resource.tick();
  }, TICK_MS);
  const close = async (): Promise<void> => {
    clearInterval(ticker);
    await endpoint.close();
  };
  return { endpoint, url: endpoint.localUrl, close };
}
