/**
 * Why an association ended.
 *
 * - `local`: by our own `close`; `close-notify`: by the peer's
 * - `timeout`: the handshake took too long; `idle`: nothing came for too long; `evicted`: room was needed
 * - `alert-received`, `alert-sent`: with the alert's number
 * - `replaced`: the peer made a new association from the same address (RFC 6347 §4.2.8)
 * - `forged`: too many records whose keys do not fit; `exhausted`: no record numbers are left
 * - `exported`: it goes on where it is imported
 * - `unreachable`: the transport says that nobody is there
 */
export type EndReason =
  | 'local'
  | 'close-notify'
  | 'timeout'
  | 'idle'
  | 'evicted'
  | 'alert-received'
  | 'alert-sent'
  | 'replaced'
  | 'forged'
  | 'exhausted'
  | 'exported'
  | 'unreachable';
