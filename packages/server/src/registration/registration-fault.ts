/** Why a registration request is refused: a response code and a sentence for the device's engineer. */
export interface RegistrationFault {
  /** CoAP response code, one byte: 0x80 is 4.00. */
  readonly code: number;
  /** The diagnostic payload of the answer (RFC 7252 §5.5.2). */
  readonly reason: string;
}

/** A result, or why there is none. */
export type Outcome<Value> =
  | { readonly ok: true; readonly value: Value }
  | { readonly ok: false; readonly fault: RegistrationFault };

/** The result is `value`. */
export function accepted<Value>(value: Value): Outcome<Value> {
  return { ok: true, value };
}

/** There is no result: the device is told `code` and `reason`. */
export function refused(code: number, reason: string): { readonly ok: false; readonly fault: RegistrationFault } {
  return { ok: false, fault: { code, reason } };
}
