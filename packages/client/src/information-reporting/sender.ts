import {
  type AbortSignalLike,
  type CoapRequestInit,
  type CoapResponse,
  formatCode,
  ResponseCode,
} from '@motestack/coap';
import { ContentFormat, encodePayload } from '@motestack/codecs';
import type { LwM2mNode } from '@motestack/model';
import type { PayloadSettings } from '../device-management/payload.ts';

/** What one Send of one server needs. */
export interface SendHost {
  readonly settings: PayloadSettings;
  /** Sends it. */
  request(init: CoapRequestInit, signal: AbortSignalLike | undefined): Promise<CoapResponse>;
}

/** The server answered a Send with an error. */
export class SendRefusedError extends Error {
  override readonly name = 'SendRefusedError';
  /** Such as `4.04`. */
  readonly responseCode: string;

  constructor(responseCode: string) {
    super(`the server answered ${responseCode}`);
    this.responseCode = responseCode;
  }
}

/**
 * Sends values that the server did not ask for.
 *
 * @throws {SendRefusedError} for an answer other than 2.04
 * @throws {CoapError} as `CoapEndpoint.request`
 * @see LwM2M Core 1.1.1 §6.4.6, Transport 1.1.1 §6.4.5: `/dp` is never below the alternate path
 */
export async function sendNodes(
  host: SendHost,
  nodes: readonly LwM2mNode[],
  options: { readonly contentFormat?: number; readonly signal?: AbortSignalLike | undefined },
): Promise<void> {
  const { contentFormat = ContentFormat.SenmlCbor, signal } = options;
  const { lookup } = host.settings;
  const payload = encodePayload(contentFormat, nodes, { path: {}, lookup });
  const response = await host.request({ method: 'POST', path: ['dp'], contentFormat, payload }, signal);
  if (response.code !== ResponseCode.Changed) throw new SendRefusedError(formatCode(response.code));
}
