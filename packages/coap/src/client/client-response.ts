import { decodeUtf8 } from '@motestack/bytes';
import { CoapError, type CoapErrorDetail } from '../errors.ts';
import { codeClass, formatCode } from '../wire/index.ts';
import type { CoapResponse } from './coap-response.ts';

/** A response or notification as a client gives it. */
export interface ClientResponse extends CoapResponse {
  /** The code as the RFCs write it: `'2.05'`. */
  readonly status: string;
  /** Whether the code is 2.xx. */
  readonly isSuccess: boolean;
  /**
   * The payload as text.
   *
   * @throws {DecodeError} `bad-utf8`
   */
  text(): string;
  /**
   * The payload as JSON.
   *
   * @throws {DecodeError} `bad-utf8`
   * @throws {SyntaxError} no JSON
   */
  json(): unknown;
}

/** Adds to a response what is convenient. */
export function clientResponse(response: CoapResponse): ClientResponse {
  const text = (): string => decodeUtf8(response.payload);
  return {
    ...response,
    status: formatCode(response.code),
    isSuccess: codeClass(response.code) === 2,
    text,
    json: () => JSON.parse(text()),
  };
}

const DIAGNOSTIC_LENGTH_MAX = 256;

/** The response has a code that is not 2.xx, where the caller asked for an error in that case (`throwOnError`). */
export class CoapResponseError extends CoapError {
  override readonly name: 'CoapResponseError' = 'CoapResponseError';
  readonly code: 'response' = 'response';
  /** The code of the response as the RFCs write it: `'4.04'`. */
  readonly status: string;
  /** What the peer says about it, for people; empty where it says nothing (RFC 7252 §5.5.2). */
  readonly diagnostic: string;
  /** The response as a whole. */
  readonly response: ClientResponse;

  constructor(response: ClientResponse, detail: Omit<CoapErrorDetail, 'peer'> = {}) {
    const { peer, status } = response;
    const diagnostic = diagnosticOf(response);
    super(`${peer} answered ${status}${diagnostic && `: ${diagnostic}`}`, { ...detail, peer });
    this.status = status;
    this.diagnostic = diagnostic;
    this.response = response;
  }

  /** `instanceof` that also holds across two installed copies of this package. */
  static is(value: unknown): value is CoapResponseError {
    return value instanceof Error && value.name === 'CoapResponseError' && 'code' in value && value.code === 'response';
  }
}

/** A payload without a format that comes with an error is text, or should be (RFC 7252 §5.5.2). */
function diagnosticOf(response: ClientResponse): string {
  if (response.contentFormat !== undefined) return '';
  try {
    return response.text().slice(0, DIAGNOSTIC_LENGTH_MAX);
  } catch {
    return '';
  }
}
