import type { CoapRequestInit } from '@motestack/coap';
import type { Operation } from '../lwm2m-error.ts';

/**
 * What became of a command.
 *
 * - `queued`: it waits for the device.
 * - `sent`: it is under way.
 * - `succeeded`, `failed`: the device answered so, or it could not be sent at all.
 * - `expired`: its time was over before the device was heard.
 * - `cancelled`: by the caller, before it was sent.
 * - `uncertain`: an Execute, a Create or a Delete was sent and not answered, or the process ended meanwhile: it may have been done, so it is not
 *   sent again.
 */
export type CommandState = 'queued' | 'sent' | 'succeeded' | 'failed' | 'expired' | 'cancelled' | 'uncertain';

/** What is sent, beside the path: plain data. */
export interface CommandRequest {
  /** The method. */
  readonly method: CoapRequestInit['method'];
  /** Uri-Query. */
  readonly query?: readonly string[];
  /** Content-Format of the payload. */
  readonly contentFormat?: number;
  /** Accept. */
  readonly accept?: number;
  /** The payload. */
  readonly payload?: Uint8Array;
}

/** What a device answered: plain data. */
export interface CommandAnswer {
  /** As the RFCs write it, `2.04`. */
  readonly responseCode: string;
  /** Content-Format of the payload. */
  readonly contentFormat?: number | undefined;
  /** The payload. */
  readonly payload?: Uint8Array | undefined;
  /** Location-Path, of a Create. */
  readonly locationPath?: readonly string[] | undefined;
}

/** A command as a store keeps it: plain data that structured cloning keeps whole, never changed in place. */
export interface StoredCommand {
  /** 16 hexadecimal digits. */
  readonly id: string;
  /** The device's Endpoint Client Name. */
  readonly endpoint: string;
  /** What is done. */
  readonly operation: Operation;
  /** On what. */
  readonly path: string;
  /** What is sent. */
  readonly request: CommandRequest;
  /** Higher goes first. */
  readonly priority: number;
  /** When it was queued, in milliseconds since 1970. */
  readonly createdAtEpochMs: number;
  /** When it is no longer to be sent; `undefined`: never. */
  readonly expiresAtEpochMs: number | undefined;
  /** What became of it. */
  readonly state: CommandState;
  /** How often it was sent. */
  readonly attempts: number;
  /** What the device answered. */
  readonly answer?: CommandAnswer | undefined;
  /** The code of the error, where there was no answer. */
  readonly errorCode?: string | undefined;
}

/** Whether doing it twice is doing it once: reading, and writing what then stands there. */
export function isIdempotent({ request, operation }: Pick<StoredCommand, 'request' | 'operation'>): boolean {
  // A second Delete would be told 4.04 and taken for a failure; POST writes in part, executes or creates.
  if (request.method === 'POST') return operation === 'Write';
  return request.method !== 'DELETE';
}
