import type { Server, Socket } from 'node:net';
import type { PeerId } from '../effects.ts';
import type { PeerIdentity } from '../platform/peer-identity.ts';
import type { StreamReceiver, StreamTransport } from '../platform/stream-transport.ts';
import { peerIdOf } from './peer-id.ts';
import type { StreamLimits } from './stream-limits.ts';
import type { StreamPipe, StreamPipeOwner } from './stream-pipe.ts';

/** What a {@link StreamServer} is made of. */
export interface StreamServerInit {
  /** Listens already. */
  readonly server: Server;
  readonly localUrl: string;
  readonly framing: 'length' | 'message';
  readonly limits: StreamLimits;
  /** The event that has a socket whose handshake is done: `connection`, or `secureConnection` of TLS. */
  readonly event: 'connection' | 'secureConnection';
  /** Why a socket is refused after its handshake; `undefined`: it is not. */
  readonly refusalOf: (socket: Socket) => string | undefined;
  /** The name by which a client of TLS asked for this server (SNI). */
  readonly serverNameOf: (socket: Socket) => string | undefined;
  readonly pipeOf: (socket: Socket, owner: StreamPipeOwner) => StreamPipe;
  /** Who is at the other end, as the handshake proved. */
  readonly identityOf: (socket: Socket) => PeerIdentity | undefined;
}

interface ServerLink {
  readonly identity: PeerIdentity | undefined;
  readonly pipe: StreamPipe;
  readonly host: string | undefined;
}

/** Accepts connections: TCP, TLS or WebSocket. */
export class StreamServer implements StreamTransport {
  readonly framing: 'length' | 'message';
  readonly localUrl: string;
  readonly remote: undefined = undefined;
  readonly #server: Server;
  readonly #limits: StreamLimits;
  readonly #refusalOf: StreamServerInit['refusalOf'];
  readonly #serverNameOf: StreamServerInit['serverNameOf'];
  readonly #pipeOf: StreamServerInit['pipeOf'];
  readonly #identityOf: StreamServerInit['identityOf'];
  readonly #links = new Map<PeerId, ServerLink>();
  readonly #pipes = new Set<StreamPipe>();
  readonly #sockets = new Set<Socket>();
  readonly #perAddress = new Map<string, number>();
  #receiver: StreamReceiver | undefined;
  #closed: Promise<void> | undefined;

  constructor(init: StreamServerInit) {
    this.framing = init.framing;
    this.localUrl = init.localUrl;
    this.#server = init.server;
    this.#limits = init.limits;
    this.#refusalOf = init.refusalOf;
    this.#serverNameOf = init.serverNameOf;
    this.#pipeOf = init.pipeOf;
    this.#identityOf = init.identityOf;
    // Counted from the first packet on: a handshake costs more than a connection that is done with it.
    this.#server.on('connection', (socket: Socket) => this.#count(socket));
    this.#server.on(init.event, (socket: Socket) => this.#accept(socket));
    this.#server.on('error', (error) => this.#handleError(error));
  }

  open(receiver: StreamReceiver): void {
    if (this.#receiver !== undefined) throw new Error('the transport is open already');
    this.#receiver = receiver;
  }

  identityOf(peer: PeerId): PeerIdentity | undefined {
    return this.#links.get(peer)?.identity;
  }

  hostOf(peer: PeerId): string | undefined {
    return this.#links.get(peer)?.host;
  }

  send(peer: PeerId, bytes: Uint8Array): void {
    this.#links.get(peer)?.pipe.send(bytes);
  }

  disconnect(peer: PeerId): void {
    const link = this.#links.get(peer);
    this.#links.delete(peer);
    link?.pipe.end();
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#server.close(() => {
        const receiver = this.#receiver;
        this.#receiver = undefined;
        receiver?.closed();
        resolve();
      });
      this.#links.clear();
      for (const pipe of this.#pipes) pipe.end();
      // Those that are no pipe yet are in a handshake that nobody waits for.
      setTimeout(() => {
        for (const socket of this.#sockets) socket.destroy();
      }, this.#limits.closeTimeoutMs).unref();
    });
    return this.#closed;
  }

  #count(socket: Socket): void {
    const address = socket.remoteAddress ?? '';
    const siblings = this.#perAddress.get(address) ?? 0;
    const isFull = this.#sockets.size >= this.#limits.connectionsMax;
    if (isFull || siblings >= this.#limits.connectionsPerAddressMax || this.#closed !== undefined) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    this.#perAddress.set(address, siblings + 1);
    socket.on('close', () => {
      this.#sockets.delete(socket);
      const left = (this.#perAddress.get(address) ?? 1) - 1;
      if (left === 0) this.#perAddress.delete(address);
      else this.#perAddress.set(address, left);
    });
    // A fault in a handshake is told by the server; the socket would throw it.
    socket.on('error', () => {});
  }

  #accept(socket: Socket): void {
    const { remoteAddress, remotePort } = socket;
    const isGone = socket.destroyed || remoteAddress === undefined || remotePort === undefined;
    if (isGone || this.#closed !== undefined || this.#refusalOf(socket) !== undefined) {
      socket.destroy();
      return;
    }
    const peer = peerIdOf(remoteAddress, remotePort);
    const identity = this.#identityOf(socket);
    const timer = setTimeout(() => pipe.destroy(new Error('no handshake in time')), this.#limits.handshakeTimeoutMs);
    let isReady = false;
    const ready = (): void => {
      isReady = true;
      clearTimeout(timer);
    };
    const pipe = this.#pipeOf(socket, {
      ready: (header) => {
        ready();
        this.#connect(peer, { pipe, identity, host: hostOf(header) ?? this.#serverNameOf(socket)?.toLowerCase() });
      },
      bytes: (chunk) => {
        if (this.#links.get(peer)?.pipe === pipe) this.#receiver?.bytes(peer, chunk);
      },
      ended: (cause) => {
        clearTimeout(timer);
        this.#pipes.delete(pipe);
        if (isReady) this.#forget(peer, pipe, cause);
      },
    });
    this.#pipes.add(pipe);
  }

  #connect(peer: PeerId, link: ServerLink): void {
    if (this.#closed !== undefined || !this.#pipes.has(link.pipe)) return;
    this.#links.set(peer, link);
    this.#receiver?.connected(peer);
  }

  #forget(peer: PeerId, pipe: StreamPipe, cause: Error | undefined): void {
    if (this.#links.get(peer)?.pipe !== pipe) return;
    this.#links.delete(peer);
    this.#receiver?.disconnected(peer, cause);
  }

  #handleError(error: Error): void {
    const receiver = this.#receiver;
    this.#receiver = undefined;
    receiver?.closed(error);
  }
}

/** The host in a Host header, without the port. */
function hostOf(header: string | undefined): string | undefined {
  return header?.replace(/:\d*$/, '').toLowerCase();
}
