import type { AlertDescription } from '../wire/index.ts';

/** The peer did what the protocol forbids, or nothing fits: the handshake ends, and the peer is told by an alert. */
export class HandshakeError extends Error {
  /** Always `HandshakeError`. */
  override readonly name = 'HandshakeError';
  /** What the peer is told. */
  readonly alert: (typeof AlertDescription)[keyof typeof AlertDescription];

  /**
   * @param alert what the peer is told
   * @param reason for whoever reads a log; holds nothing that the peer sent
   */
  constructor(alert: (typeof AlertDescription)[keyof typeof AlertDescription], reason: string) {
    super(reason);
    this.alert = alert;
  }
}
