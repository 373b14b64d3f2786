import type { Link } from '@motestack/link-format';
import type { PeerId } from '../effects.ts';
import type { Clock } from '../platform/clock.ts';
import type { Logger } from '../platform/logger.ts';
import type { CoapAnswer } from '../server/coap-answer.ts';
import type { CoapRequest, RequestHandler, RequestHead } from '../server/coap-request.ts';
import { Method, ResponseCode } from '../wire/index.ts';
import { AnswerError } from './answer-error.ts';
import { answerDiscovery, isWellKnownCore, linksOf } from './discovery.ts';
import { NotificationPacer } from './notification-pacer.ts';
import { type ObservableInit, type ObservableResource, RoutedObservable } from './observable-resource.ts';
import type { Route, RouteAttributes, RouteContext, RoutedResource, RouteHandler, RouteOptions } from './route.ts';
import { type PatternSegment, parsePattern, type RouteParams } from './route-pattern.ts';
import { findRoute, type RouteMatch, RouteNode } from './route-tree.ts';

/** What a router is made of. */
export interface CoapRouterOptions<Identity = undefined> {
  /** Spreads notifications over turns of the event loop. */
  readonly clock: Clock;
  /** Who a peer is, for handlers. Default: nobody knows. */
  readonly identityOf?: ((peer: PeerId) => Identity | undefined) | undefined;
  /** Links that `/.well-known/core` lists besides the routes: those of patterns with parameters, say. */
  readonly links?: (() => Iterable<Link>) | undefined;
  /** Whether `/.well-known/core` is answered where no route has it. Default: yes. */
  readonly discovery?: boolean | undefined;
  /** Takes what an operator may want to read. Default: nobody. */
  readonly logger?: Logger | undefined;
}

/** The handlers of one pattern by method, and what `/.well-known/core` says about it. */
export interface ResourceInit<Params, Identity> extends RouteOptions {
  /** Answers GET. */
  readonly get?: RouteHandler<Params, Identity>;
  /** Answers POST. */
  readonly post?: RouteHandler<Params, Identity>;
  /** Answers PUT. */
  readonly put?: RouteHandler<Params, Identity>;
  /** Answers DELETE. */
  readonly delete?: RouteHandler<Params, Identity>;
  /** Answers FETCH. */
  readonly fetch?: RouteHandler<Params, Identity>;
  /** Answers PATCH. */
  readonly patch?: RouteHandler<Params, Identity>;
  /** Answers iPATCH. */
  readonly iPatch?: RouteHandler<Params, Identity>;
}

const NOT_FOUND: CoapAnswer = { code: ResponseCode.NotFound };
const METHOD_NOT_ALLOWED: CoapAnswer = { code: ResponseCode.MethodNotAllowed };
const NO_PARAMS = Object.freeze({});

/**
 * Leads requests to handlers by path and method.
 *
 * A pattern has segments that are not percent-encoded: a text, `:name` for any one segment, and at the end `*name` or `*`
 * for one or more. At each segment a text goes before a parameter, and a parameter before a wildcard. A path that nothing
 * stands at gets 4.04, a method that has no handler there 4.05.
 *
 * @typeParam Identity what `identityOf` says of a peer
 * @example
 * const router = new CoapRouter();
 * router.get('/sensors/:id', ({ params }) => content(read(params.id)));
 * await openCoapEndpoint({ url: 'coap://[::]', handler: router.handler });
 */
export class CoapRouter<Identity = undefined> {
  /** Answers requests: the handler of an endpoint. */
  readonly handler: RequestHandler = (request) => this.#handle(request);
  /** Says whether the body of a request goes to the handler as it comes: an option of the endpoint of that name. */
  readonly streamRequestBody: (head: RequestHead) => boolean = ({ path, code }) => {
    return findRoute(this.#root, path)?.resource.routes[code]?.isStreamed === true;
  };
  readonly #options: CoapRouterOptions<Identity>;
  readonly #root = new RouteNode<RoutedResource<Identity>>();
  readonly #mounted: CoapRouter<Identity>[] = [];
  readonly #pacer: NotificationPacer;

  constructor(options: CoapRouterOptions<Identity>) {
    this.#options = options;
    this.#pacer = new NotificationPacer(options.clock);
  }

  /** Answers GET (RFC 7252 §5.8.1). Throws as `resource` does; so do the other methods. */
  get<P extends string>(pattern: P, handler: RouteHandler<RouteParams<P>, Identity>, about?: RouteOptions): this {
    return this.resource(pattern, { ...about, get: handler });
  }

  /** Answers POST (RFC 7252 §5.8.2). */
  post<P extends string>(pattern: P, handler: RouteHandler<RouteParams<P>, Identity>, about?: RouteOptions): this {
    return this.resource(pattern, { ...about, post: handler });
  }

  /** Answers PUT (RFC 7252 §5.8.3). */
  put<P extends string>(pattern: P, handler: RouteHandler<RouteParams<P>, Identity>, about?: RouteOptions): this {
    return this.resource(pattern, { ...about, put: handler });
  }

  /** Answers DELETE (RFC 7252 §5.8.4). */
  delete<P extends string>(pattern: P, handler: RouteHandler<RouteParams<P>, Identity>, about?: RouteOptions): this {
    return this.resource(pattern, { ...about, delete: handler });
  }

  /** Answers FETCH (RFC 8132 §2). */
  fetch<P extends string>(pattern: P, handler: RouteHandler<RouteParams<P>, Identity>, about?: RouteOptions): this {
    return this.resource(pattern, { ...about, fetch: handler });
  }

  /** Answers PATCH (RFC 8132 §3). */
  patch<P extends string>(pattern: P, handler: RouteHandler<RouteParams<P>, Identity>, about?: RouteOptions): this {
    return this.resource(pattern, { ...about, patch: handler });
  }

  /** Answers iPATCH (RFC 8132 §3). */
  iPatch<P extends string>(pattern: P, handler: RouteHandler<RouteParams<P>, Identity>, about?: RouteOptions): this {
    return this.resource(pattern, { ...about, iPatch: handler });
  }

  /**
   * Adds handlers at a pattern, to those that are there.
   *
   * @throws {TypeError} what is no pattern, or a method that has a handler there
   */
  resource<P extends string>(pattern: P, init: ResourceInit<RouteParams<P>, Identity>): this {
    const { get, post, put, delete: remove, fetch, patch, iPatch, streamBody, ...attributes } = init;
    const byCode = {
      [Method.Get]: get,
      [Method.Post]: post,
      [Method.Put]: put,
      [Method.Delete]: remove,
      [Method.Fetch]: fetch,
      [Method.Patch]: patch,
      [Method.IPatch]: iPatch,
    };
    this.#add(pattern, byCode, { attributes, isStreamed: streamBody ?? false });
    return this;
  }

  /**
   * Adds a resource that peers can observe.
   *
   * @returns what is told of changes
   * @throws {TypeError} as `resource` does
   * @see RFC 7641
   * @example
   * const temperature = router.observable('/temperature', { get: () => content(String(celsius)) });
   * temperature.changed();
   */
  observable<P extends string>(
    pattern: P,
    init: ObservableInit<RouteParams<P>, Identity> & RouteAttributes,
  ): ObservableResource<RouteParams<P>> {
    const resource = new RoutedObservable<RouteParams<P>, Identity>({
      init,
      pacer: this.#pacer,
      logger: this.#options.logger,
    });
    const { get: _get, authorize: _authorize, confirmable: _confirmable, ...attributes } = init;
    const handler = (context: RouteContext<RouteParams<P>, Identity>) => resource.handleGet(context);
    this.#add(pattern, { [Method.Get]: handler }, { attributes: { ...attributes, obs: true }, isStreamed: false });
    return resource;
  }

  /**
   * Lets another router answer what is below a path: what it has now, and what it will have. Its own options for
   * discovery and identities do not count there.
   *
   * @param prefix a pattern of texts alone
   * @throws {TypeError} any other pattern; a path that has something already; a router that is in this one already
   */
  mount(prefix: string, router: CoapRouter<Identity>): this {
    const segments = parsePattern(prefix);
    const last = segments.at(-1);
    if (last === undefined || segments.some(({ kind }) => kind !== 'static')) {
      throw new TypeError(`a router stands below a path of texts: ${prefix}`);
    }
    if (router.#contains(this)) throw new TypeError('a router cannot stand in itself');
    const parent = this.#root.nodeAt(segments.slice(0, -1));
    const name = last.kind === 'static' ? last.text : '';
    if (parent.children.has(name)) throw new TypeError(`something stands at ${prefix} already`);
    parent.children.set(name, router.#root);
    this.#mounted.push(router);
    return this;
  }

  #contains(router: CoapRouter<Identity>): boolean {
    return this === router || this.#mounted.some((mounted) => mounted.#contains(router));
  }

  #add(
    pattern: string,
    byCode: Readonly<Record<number, RouteHandler<never, Identity> | undefined>>,
    about: Pick<RoutedResource<Identity>, 'attributes'> & Pick<Route<Identity>, 'isStreamed'>,
  ): void {
    const { isStreamed } = about;
    const segments = parsePattern(pattern);
    const node = this.#root.nodeAt(segments);
    const isWildcard = segments.at(-1)?.kind === 'wildcard';
    const known = isWildcard ? node.wildcard : node.resource;
    const routes: (Route<Identity> | undefined)[] = known === undefined ? [] : [...known.routes];
    const names = segments.flatMap(nameOf);
    for (const [code, handler] of Object.entries(byCode)) {
      if (handler === undefined) continue;
      if (routes[Number(code)] !== undefined) throw new TypeError(`the method has a handler already: ${pattern}`);
      routes[Number(code)] = { names, handler, isStreamed };
    }
    const resource = { routes, attributes: { ...known?.attributes, ...about.attributes } };
    if (isWildcard) node.wildcard = resource;
    else node.resource = resource;
  }

  #handle(request: CoapRequest): CoapAnswer | Promise<CoapAnswer> {
    try {
      const answer = this.#dispatch(request);
      return answer instanceof Promise ? answer.catch(answerOf) : answer;
    } catch (error) {
      return answerOf(error);
    }
  }

  #dispatch(request: CoapRequest): CoapAnswer | Promise<CoapAnswer> {
    const { path, peer } = request;
    const match = findRoute(this.#root, path);
    if (match === undefined) return this.#discover(request);
    const route = match.resource.routes[request.code];
    if (route === undefined) return METHOD_NOT_ALLOWED;
    const { identityOf } = this.#options;
    const params = paramsOf(route.names, match, path) as never;
    return route.handler({ request, params, peer, identity: identityOf?.(peer) });
  }

  #discover(request: CoapRequest): CoapAnswer {
    const { discovery = true, links } = this.#options;
    if (!discovery || !isWellKnownCore(request.path)) return NOT_FOUND;
    return answerDiscovery(request, [...linksOf(this.#root), ...(links?.() ?? [])]);
  }
}

function nameOf(segment: PatternSegment): string[] {
  return segment.kind === 'static' ? [] : [segment.name];
}

function paramsOf(names: readonly string[], match: RouteMatch<unknown>, path: readonly string[]): object {
  if (names.length === 0) return NO_PARAMS;
  const { values, restFrom } = match;
  // The name behind those of the parameters is that of the wildcard.
  return Object.fromEntries(names.map((name, index) => [name, values[index] ?? path.slice(restFrom)]));
}

/** What a handler throws to choose its answer; anything else is for the endpoint to log, and to answer 5.00. */
function answerOf(error: unknown): CoapAnswer {
  if (AnswerError.is(error)) return error.answer;
  throw error;
}
