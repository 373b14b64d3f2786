import { DecodeError } from '@motestack/bytes';
import { type RequestedHost, requestedHost } from '../client/requested-host.ts';
import type { CoapAnswer } from '../server/coap-answer.ts';
import type { CoapRequest, RequestHandler } from '../server/coap-request.ts';
import { ResponseCode } from '../wire/index.ts';

/** What a server is called. */
export interface OwnNames {
  /** Its names and addresses, IPv6 in brackets; upper and lower case are the same. */
  readonly hosts: readonly string[];
  /** Its ports as others see them. Default: any. */
  readonly ports?: readonly number[];
}

/**
 * Keeps a handler from answering for somebody else: a request that names another host or port in Uri-Host and Uri-Port
 * is one to a proxy, which this server is not, and gets 5.05. One that names none is for this server.
 *
 * @param handler gets what is for this server; `requestedHost` tells it by which of the names
 * @see RFC 7252 §5.7.2, §5.10.1
 * @example
 * const handler = refuseOtherHosts(router.handler, { hosts: ['sensor.example', '192.0.2.1'] });
 */
export function refuseOtherHosts(handler: RequestHandler, own: OwnNames): RequestHandler {
  const hosts = new Set(own.hosts.map((host) => host.toLowerCase()));
  const ports = own.ports === undefined ? undefined : new Set(own.ports);
  return (request: CoapRequest): CoapAnswer | Promise<CoapAnswer> => {
    let named: RequestedHost;
    try {
      named = requestedHost(request);
    } catch (error) {
      if (!DecodeError.is(error)) throw error;
      return { code: ResponseCode.BadRequest };
    }
    const { host, port } = named;
    const isOwn = (host === undefined || hosts.has(host)) && (port === undefined || ports?.has(port) !== false);
    return isOwn ? handler(request) : { code: ResponseCode.ProxyingNotSupported };
  };
}
