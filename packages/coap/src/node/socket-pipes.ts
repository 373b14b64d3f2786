import type { Socket } from 'node:net';
import type { RandomSource } from '../effects.ts';
import { CloseCode } from '../websocket/frame-parser.ts';
import { WebSocketCore, type WebSocketRole, type WebSocketStep } from '../websocket/web-socket.ts';
import { type LinkSide, SocketLink, type SocketLinkOwner } from './socket-link.ts';
import type { StreamLimits } from './stream-limits.ts';
import type { StreamPipe, StreamPipeOwner } from './stream-pipe.ts';

/** CoAP right on a socket: TCP or TLS (RFC 8323 §3). The socket is connected, and its handshake done. */
export function directPipe(socket: Socket, limits: StreamLimits, owner: StreamPipeOwner, side: LinkSide): StreamPipe {
  const link = new SocketLink(socket, limits, owner, side);
  // When whoever calls has the pipe.
  queueMicrotask(() => owner.ready());
  return link;
}

/** What a {@link webSocketPipe} is made of. */
export interface WebSocketPipeInit {
  readonly role: WebSocketRole;
  readonly limits: StreamLimits;
  readonly random: RandomSource;
}

/** CoAP in the messages of a WebSocket (RFC 8323 §4). The socket is connected, and its TLS handshake done. */
export function webSocketPipe(socket: Socket, init: WebSocketPipeInit, owner: StreamPipeOwner): StreamPipe {
  const core = new WebSocketCore(init.role, init.limits, init.random);
  let isTold = false;
  let why: Error | undefined;
  const perform = (run: (step: WebSocketStep) => void): void => {
    const step: WebSocketStep = { frames: [], events: [] };
    run(step);
    for (const frame of step.frames) link.send(frame);
    for (const event of step.events) {
      if (event.kind === 'open') owner.ready(event.host);
      else if (event.kind === 'message') owner.bytes(event.bytes);
      else {
        const { code, reason } = event;
        if (code !== CloseCode.Normal) why ??= new Error(`the WebSocket was closed with ${code}: ${reason}`);
        link.end();
      }
    }
  };
  const tellEnd = (cause: Error | undefined): void => {
    if (isTold) return;
    isTold = true;
    owner.ended(cause ?? why);
  };
  const linkOwner: SocketLinkOwner = {
    bytes: (chunk) => perform((step) => core.handleBytes(chunk, step)),
    ended: tellEnd,
  };
  const link = new SocketLink(socket, init.limits, linkOwner, init.role.kind);
  perform((step) => core.start(step));
  let closeTimer: ReturnType<typeof setTimeout> | undefined;
  socket.on('close', () => clearTimeout(closeTimer));
  return {
    send: (bytes) => perform((step) => core.send(bytes, step)),
    end: () => {
      perform((step) => core.close(CloseCode.Normal, '', step));
      // The peer has so long to answer the Close frame.
      if (core.phase === 'closing') closeTimer ??= setTimeout(() => link.end(), init.limits.closeTimeoutMs);
    },
    destroy: (cause) => link.destroy(cause),
  };
}
