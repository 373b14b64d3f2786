import { decodeUtf8 } from '@motestack/bytes';
import {
  type CoapResponse,
  ConnectionLostError,
  formatCode,
  PeerUnreachableError,
  TimeoutError,
} from '@motestack/coap';
import { type ClientErrorCode, RegistrationError } from '../lwm2m-error.ts';
import type { RegistrationCommand, RegistrationFailure } from './registration-state.ts';

/** The failure that an answer of class 4 or 5 is. */
export function refusal({ code, payload }: CoapResponse): RegistrationFailure {
  return { reason: 'refused', responseCode: code, ...diagnosticOf(payload), cause: undefined };
}

/** A diagnostic payload is text for people (RFC 7252 §5.5.2); what is no text is left out. */
function diagnosticOf(payload: Uint8Array): { readonly diagnostic?: string } {
  if (payload.length === 0 || payload.length > DIAGNOSTIC_BYTES_MAX) return {};
  try {
    return { diagnostic: decodeUtf8(payload) };
  } catch {
    return {};
  }
}

const DIAGNOSTIC_BYTES_MAX = 256;

/** The failure that a request ended with which got no answer. */
export function failureOf(cause: unknown): RegistrationFailure {
  if (TimeoutError.is(cause)) return { reason: 'timeout', cause };
  if (PeerUnreachableError.is(cause) || ConnectionLostError.is(cause)) return { reason: 'unreachable', cause };
  return { reason: 'failed', cause };
}

/** What happened, in words. */
function describeFailure({ reason, responseCode }: RegistrationFailure): string {
  switch (reason) {
    case 'refused':
      return `the server answered ${responseCode === undefined ? 'with an error' : formatCode(responseCode)}`;
    case 'timeout':
      return 'the server did not answer';
    case 'unreachable':
      return 'nobody listens at the server’s address';
    case 'unusable':
      return 'the server’s 2.01 names no usable location';
    case 'failed':
      return 'the request could not be made';
    default:
      return reason satisfies never;
  }
}

/** The code of the error that the application is told. */
function failureCode({ reason }: RegistrationFailure): ClientErrorCode {
  switch (reason) {
    case 'refused':
      return 'registration-refused';
    case 'timeout':
      return 'registration-timeout';
    case 'unreachable':
      return 'server-unreachable';
    case 'unusable':
    case 'failed':
      return 'registration-failed';
    default:
      return reason satisfies never;
  }
}

/** Who failed to register where. */
export interface FailedRegistration {
  readonly endpoint: string;
  readonly serverUri: string;
  readonly command: RegistrationCommand & { readonly kind: 'tellFailure' };
}

/** The error that the application is told. */
export function registrationError({ endpoint, serverUri, command }: FailedRegistration): RegistrationError {
  const { operation, failure, position, retryInMs, exhausted, bootstraps } = command;
  const { responseCode, diagnostic, cause } = failure;
  const last = exhausted ? ', after the last attempt of the last sequence' : '';
  return new RegistrationError(
    failureCode(failure),
    `${operation} of ${endpoint} at ${serverUri} failed${last}: ${describeFailure(failure)}; ${describeNext(retryInMs, bootstraps)}`,
    {
      operation,
      endpoint,
      serverUri,
      cause,
      responseCode: responseCode === undefined ? undefined : formatCode(responseCode),
      diagnostic,
      attempt: position.attempt,
      retryInMs,
    },
  );
}

function describeNext(retryInMs: number, bootstraps: boolean): string {
  if (bootstraps) return 'the bootstrap interface takes over';
  if (retryInMs === 0) return 'registering again at once';
  if (!Number.isFinite(retryInMs)) return 'no further attempt';
  return `next attempt in ${Math.round(retryInMs / 1_000)} s`;
}
