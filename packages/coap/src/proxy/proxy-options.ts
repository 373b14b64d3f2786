import { encodeUtf8 } from '@motestack/bytes';
import { encodeUintOption, type Option, OptionNumber, parseCoapUri } from '../wire/index.ts';

/** The longest Proxy-Uri (RFC 7252 §5.10.2). */
const PROXY_URI_BYTES_MAX = 1034;

/**
 * The options of a request to a forward proxy, with the whole URI in Proxy-Uri: it may be of any scheme that the proxy
 * knows, such as `http`. Path and query of the request itself stay empty, since they would be ignored.
 *
 * @throws {RangeError} a URI that is empty or longer than 1034 bytes; `proxySchemeOptions` has no such limit
 * @see RFC 7252 §5.7.2, §5.10.2
 * @example
 * await endpoint.request(proxy, { method: 'GET', options: proxyUriOptions('coap://example.com/temperature') });
 */
export function proxyUriOptions(uri: string): readonly Option[] {
  const value = encodeUtf8(uri);
  if (value.length < 1 || value.length > PROXY_URI_BYTES_MAX) throw new RangeError('a Proxy-Uri has 1 to 1034 bytes');
  return [{ number: OptionNumber.ProxyUri, value }];
}

/**
 * The options of a request to a forward proxy, with the URI taken apart: Proxy-Scheme, Uri-Host, Uri-Port, Uri-Path and
 * Uri-Query.
 *
 * @param uri of one of the schemes of CoAP
 * @throws {DecodeError} as `parseCoapUri` does
 * @see RFC 7252 §5.7.2, §5.10.2, §6.4
 */
export function proxySchemeOptions(uri: string): readonly Option[] {
  const { scheme, host, port, options } = parseCoapUri(uri);
  const isNamed = options.some(({ number }) => number === OptionNumber.UriHost);
  // The proxy is not the host that is meant: an address has to be named too, IPv6 in brackets (RFC 7252 §5.10.1).
  const literal = host.includes(':') ? `[${host}]` : host;
  const own = isNamed ? [] : [{ number: OptionNumber.UriHost, value: encodeUtf8(literal) }];
  return [
    ...own,
    ...options,
    encodeUintOption(OptionNumber.UriPort, port),
    { number: OptionNumber.ProxyScheme, value: encodeUtf8(scheme) },
  ].toSorted((left, right) => left.number - right.number);
}
