import { DecodeError } from '@motestack/bytes';
import type { CoapEndpointOptions } from '../coap-endpoint.ts';
import type { ServerHalfInit } from '../endpoint/server-half.ts';
import { IncomingRequest } from './coap-request.ts';

/** What the core asks with the first block of a request; what fails is for the handler to see. */
export function streamsBodyOf({
  streamRequestBody,
  logger,
}: Pick<CoapEndpointOptions, 'streamRequestBody' | 'logger'>): ServerHalfInit['streamsRequestBody'] {
  if (streamRequestBody === undefined) return undefined;
  const refuse = (): never => {
    throw new TypeError('a request that is not whole makes no observation');
  };
  return (event) => {
    try {
      return streamRequestBody(new IncomingRequest(event, refuse));
    } catch (error) {
      // A path that is not UTF-8 gets its answer when the request is whole.
      if (!DecodeError.is(error)) logger?.error?.({ err: error }, 'streamRequestBody failed');
      return false;
    }
  };
}
