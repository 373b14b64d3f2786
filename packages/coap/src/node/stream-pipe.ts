/** What a pipe tells. After `ended` it tells nothing. */
export interface StreamPipeOwner {
  /** CoAP may begin. @param host the Host header that a server of WebSockets got */
  ready(host?: string): void;
  /** Bytes of the stream, or one whole message. */
  bytes(chunk: Uint8Array): void;
  /** The connection is no more. */
  ended(cause: Error | undefined): void;
}

/** One connection that carries CoAP. */
export interface StreamPipe {
  /** Sends bytes, or one whole message. */
  send(bytes: Uint8Array): void;
  /** Closes once what was sent is out. */
  end(): void;
  /** Breaks the connection. */
  destroy(cause: Error): void;
}
