import { decodeUtf8 } from '@motestack/bytes';
import { decodeUint, type Option, OptionNumber } from '../wire/index.ts';

/** The authority that a request is meant for, as far as it says so. */
export interface RequestedHost {
  /**
   * In lower case: the name of a virtual host, or an address, from Uri-Host or by the connection (`defaultHost`);
   * `undefined`: that to which the request was sent.
   */
  readonly host: string | undefined;
  /** The port; `undefined`: that to which the request was sent. */
  readonly port: number | undefined;
}

/**
 * Reads Uri-Host and Uri-Port, by which one server is many virtual hosts.
 *
 * @throws {DecodeError} `bad-utf8`
 * @see RFC 7252 §5.10.1; RFC 8323 §8.5
 */
export function requestedHost(request: {
  readonly options: readonly Option[];
  readonly defaultHost?: string | undefined;
}): RequestedHost {
  const optionValue = (wanted: number): Uint8Array | undefined =>
    request.options.find(({ number }) => number === wanted)?.value;
  const [host, port] = [optionValue(OptionNumber.UriHost), optionValue(OptionNumber.UriPort)];
  return {
    host: host ? decodeUtf8(host, 'RFC 7252 §5.10.1').toLowerCase() : request.defaultHost,
    port: port && decodeUint(port),
  };
}
