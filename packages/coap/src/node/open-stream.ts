import { connect as connectTcp, createServer, isIP, type Server, type Socket } from 'node:net';
import {
  connect as connectTls,
  createSecureContext,
  createServer as createTlsServer,
  type TLSSocket,
  type TlsOptions,
} from 'node:tls';
import type { StreamTransport } from '../platform/stream-transport.ts';
import { encodeHandshakeRequest, type HandshakePolicy } from '../websocket/handshake.ts';
import type { WebSocketRole } from '../websocket/web-socket.ts';
import { type CoapScheme, DEFAULT_PORTS, parseCoapUri } from '../wire/index.ts';
import { nodeRandom } from './node-random.ts';
import { peerIdOf, resolveHost } from './peer-id.ts';
import { directPipe, webSocketPipe } from './socket-pipes.ts';
import { type ReconnectOptions, StreamClient } from './stream-client.ts';
import { resolveStreamLimits, type StreamLimits } from './stream-limits.ts';
import type { StreamPipe, StreamPipeOwner } from './stream-pipe.ts';
import { StreamServer } from './stream-server.ts';
import { identityOptions, secureContextOptions } from './tls-credentials.ts';
import { notePskIdentity, showsPinned, tlsIdentityOf } from './tls-identity.ts';
import type { TlsClientOptions, TlsServerOptions } from './tls-options.ts';

/** A scheme of CoAP over a reliable transport. */
export type StreamScheme = Exclude<CoapScheme, 'coap' | 'coaps'>;

/** Where a server listens for connections. */
export interface StreamServerOptions {
  /** `coap+tcp`, `coaps+tcp`, `coap+ws` or `coaps+ws`; port 0 for any that is free. */
  readonly url: string;
  /** For `coaps+tcp` and `coaps+ws`. */
  readonly tls?: TlsServerOptions | undefined;
  /** For `coap+ws` and `coaps+ws`: path and origins. */
  readonly webSocket?: HandshakePolicy | undefined;
  /** What differs from `defaultStreamLimits`. */
  readonly limits?: Partial<StreamLimits> | undefined;
}

/** Whom a client connects to. */
export interface StreamClientOptions {
  /** `coap+tcp`, `coaps+tcp`, `coap+ws` or `coaps+ws`. */
  readonly remote: string;
  /** For `coaps+tcp` and `coaps+ws`. */
  readonly tls?: TlsClientOptions | undefined;
  /** For `coap+ws` and `coaps+ws`: another path than `/.well-known/coap`, and headers such as Authorization. */
  readonly webSocket?: { readonly path?: string; readonly headers?: Readonly<Record<string, string>> } | undefined;
  /** Connects at once, and again with back-off whenever the connection is lost. Default: when there is a request. */
  readonly reconnect?: ReconnectOptions | boolean | undefined;
  /** What differs from `defaultStreamLimits`. */
  readonly limits?: Partial<StreamLimits> | undefined;
}

/** The protocol's name in TLS (RFC 8323 §11.7). */
const ALPN = 'coap';

/**
 * Listens for connections: TCP, TLS or WebSocket, by the scheme of the URL.
 *
 * @throws {TypeError} another scheme, or TLS without keys
 * @throws {Error} what the system answered, with its `code`, such as `EADDRINUSE`
 * @see RFC 8323 §8
 * @example
 * const transport = await openStreamServer({ url: 'coap+tcp://[::]:5683' });
 */
export async function openStreamServer(options: StreamServerOptions): Promise<StreamTransport> {
  const { scheme, host, port } = destinationOf(options.url);
  const limits = resolveStreamLimits(options.limits);
  const isTls = isSecure(scheme);
  const tls = options.tls ?? {};
  if (isTls && tls.identity === undefined && tls.identities === undefined && tls.preSharedKey === undefined) {
    throw new TypeError(`${scheme} needs tls.identity, tls.identities or tls.preSharedKey`);
  }
  const allowed = { allowHalfOpen: false, noDelay: true };
  const server = isTls ? secureServer(tls, scheme, limits) : createServer(allowed);
  const address = await listen(server, await resolveHost(host), port);
  const requiresAlpn = tls.requiresAlpn ?? address.port !== DEFAULT_PORTS['coaps+tcp'];
  return new StreamServer({
    server,
    localUrl: `${scheme}://${peerIdOf(address.address, address.port)}`,
    framing: framingOf(scheme),
    limits,
    event: isTls ? 'secureConnection' : 'connection',
    refusalOf: (socket) => (scheme === 'coaps+tcp' && requiresAlpn ? alpnRefusal(socket as TLSSocket) : undefined),
    identityOf: (socket) => (isTls ? tlsIdentityOf(socket as TLSSocket) : undefined),
    serverNameOf: (socket) => (isTls && (socket as TLSSocket).servername) || undefined,
    pipeOf: (socket, owner) =>
      isWebSocket(scheme)
        ? webSocketPipe(socket, { role: { kind: 'server', ...options.webSocket }, limits, random: nodeRandom }, owner)
        : directPipe(socket, limits, owner, 'server'),
  });
}

/**
 * Makes a client's end of a connection, which is opened when there is something to send, or at once with `reconnect`.
 *
 * @throws {TypeError} another scheme; a path or header that HTTP does not have
 * @throws {Error} what DNS answered, or what OpenSSL says of the keys, with its `code`
 * @see RFC 8323 §8
 * @example
 * const transport = await openStreamClient({ remote: 'coaps+tcp://example.com', reconnect: true });
 */
export async function openStreamClient(options: StreamClientOptions): Promise<StreamTransport> {
  const { scheme, host, port } = destinationOf(options.remote);
  const limits = resolveStreamLimits(options.limits);
  const address = await resolveHost(host);
  const target = { scheme, host, address, port, limits, options };
  // Later nobody would be there to catch what they throw.
  if (isSecure(scheme)) createSecureContext(secureContextOptions(options.tls ?? {}));
  if (isWebSocket(scheme)) encodeHandshakeRequest({ ...webSocketRole(target), key: '' });
  const { reconnect = false } = options;
  return new StreamClient({
    remote: peerIdOf(address, port),
    localUrl: `${scheme}://${isIP(host) === 6 ? `[${host}]` : host}:${port}`,
    framing: framingOf(scheme),
    connect: (owner, piped) => connectOnce(target, owner, piped),
    reconnect: reconnect === true ? {} : reconnect || undefined,
    chance,
  });
}

/** One draw from [0, 1), fine enough for a wait. */
function chance(): number {
  const draw = new Uint8Array(1);
  nodeRandom.fill(draw);
  return (draw[0] as number) / 256;
}

interface Target {
  readonly scheme: StreamScheme;
  readonly host: string;
  readonly address: string;
  readonly port: number;
  readonly limits: StreamLimits;
  readonly options: StreamClientOptions;
}

function connectOnce(target: Target, owner: StreamPipeOwner, piped: (pipe: StreamPipe) => void): { abandon(): void } {
  const { scheme, limits } = target;
  const socket = isSecure(scheme) ? secureSocket(target) : connectTcp(target.port, target.address);
  let pipe: StreamPipe | undefined;
  let failure: Error | undefined;
  const fail = (cause: Error): void => {
    failure ??= cause;
    if (pipe === undefined) socket.destroy();
    else pipe.destroy(cause);
  };
  const timer = setTimeout(
    () => fail(new Error('no connection in time (handshakeTimeoutMs)')),
    limits.handshakeTimeoutMs,
  );
  const handleError = (error: Error): void => {
    failure ??= error;
  };
  socket.on('error', handleError);
  socket.on('close', () => {
    clearTimeout(timer);
    if (pipe === undefined) owner.ended(failure);
  });
  socket.once(isSecure(scheme) ? 'secureConnect' : 'connect', () => {
    const requiresAlpn = target.options.tls?.requiresAlpn ?? target.port !== DEFAULT_PORTS['coaps+tcp'];
    const refusal =
      (scheme === 'coaps+tcp' && requiresAlpn ? alpnRefusal(socket as TLSSocket) : undefined) ??
      pinRefusal(socket, target.options.tls);
    if (refusal !== undefined) {
      fail(new Error(refusal));
      return;
    }
    const told: StreamPipeOwner = {
      ready: () => {
        clearTimeout(timer);
        owner.ready();
      },
      bytes: (chunk) => owner.bytes(chunk),
      ended: (cause) => owner.ended(failure ?? cause),
    };
    pipe = isWebSocket(scheme) ? clientWebSocketPipe(target, socket, told) : directPipe(socket, limits, told, 'client');
    piped(pipe);
  });
  return { abandon: () => fail(new Error('the connection was given up')) };
}

function clientWebSocketPipe(target: Target, socket: Socket, owner: StreamPipeOwner): StreamPipe {
  const { limits } = target;
  return webSocketPipe(socket, { role: webSocketRole(target), limits, random: nodeRandom }, owner);
}

function webSocketRole({ host, port, scheme, options }: Target): Extract<WebSocketRole, { readonly kind: 'client' }> {
  const name = isIP(host) === 6 ? `[${host}]` : host;
  const isDefault = port === DEFAULT_PORTS[scheme];
  const { path, headers } = options.webSocket ?? {};
  return { kind: 'client', host: isDefault ? name : `${name}:${port}`, path, headers };
}

function secureSocket({ scheme, host, address, port, options }: Target): TLSSocket {
  const { tls = {} } = options;
  const { preSharedKey, dangerouslyAcceptAnyServer = false } = tls;
  const serverName = tls.serverName ?? (isIP(host) === 0 ? host : undefined);
  return connectTls({
    ...secureContextOptions(tls),
    host: address,
    port,
    // Names alone: "Literal IPv4 and IPv6 addresses are not permitted" (RFC 6066 §3).
    ...(serverName !== undefined && { servername: serverName }),
    ALPNProtocols: alpnOf(scheme),
    rejectUnauthorized: !dangerouslyAcceptAnyServer,
    ...(preSharedKey !== undefined && {
      pskCallback: () => ({ identity: preSharedKey.identity, psk: Buffer.from(preSharedKey.key) }),
      // The key proves the server: there is no certificate to look at.
      checkServerIdentity: () => undefined,
    }),
  });
}

function secureServer(tls: TlsServerOptions, scheme: StreamScheme, limits: StreamLimits): Server {
  const { preSharedKey, identities = {} } = tls;
  const options: TlsOptions = {
    ...secureContextOptions(tls),
    ALPNProtocols: alpnOf(scheme),
    handshakeTimeout: limits.handshakeTimeoutMs,
    requestCert: tls.clientCertificates === 'required',
    rejectUnauthorized: tls.clientCertificates === 'required',
    ...(preSharedKey !== undefined && {
      pskCallback: (socket: TLSSocket, identity: string) => {
        const key = preSharedKey(identity);
        if (key === undefined) return null;
        notePskIdentity(socket, identity);
        return Buffer.from(key);
      },
    }),
  };
  const server = createTlsServer(options);
  for (const [name, identity] of Object.entries(identities)) server.addContext(name, identityOptions(identity));
  // A handshake that fails is the client's affair; without a listener its error would be nobody's.
  server.on('tlsClientError', () => {});
  return server;
}

/** Refuses a peer that speaks something else, or does not say what (RFC 8323 §8.2). */
function alpnRefusal(socket: TLSSocket): string | undefined {
  return socket.alpnProtocol === ALPN ? undefined : 'the peer did not negotiate coap by ALPN (RFC 8323 §8.2)';
}

/** Refuses a server whose certificate is another than was given for it (RFC 6698 §2.1.1). */
function pinRefusal(socket: Socket, { pinned }: TlsClientOptions = {}): string | undefined {
  return pinned === undefined || showsPinned(socket as TLSSocket, pinned)
    ? undefined
    : 'the server does not show the certificate that was given for it';
}

function alpnOf(scheme: StreamScheme): string[] {
  return [isWebSocket(scheme) ? 'http/1.1' : ALPN];
}

function listen(server: Server, host: string, port: number): Promise<{ address: string; port: number }> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      if (address === null || typeof address === 'string') reject(new Error('the socket has no address'));
      else resolve(address);
    });
  });
}

function destinationOf(url: string): { scheme: StreamScheme; host: string; port: number } {
  const { scheme, host, port } = parseCoapUri(url);
  if (scheme === 'coap' || scheme === 'coaps') throw new TypeError(`${scheme}:// goes over datagrams`);
  return { scheme, host, port };
}

function isSecure(scheme: StreamScheme): boolean {
  return scheme === 'coaps+tcp' || scheme === 'coaps+ws';
}

function isWebSocket(scheme: StreamScheme): boolean {
  return scheme === 'coap+ws' || scheme === 'coaps+ws';
}

function framingOf(scheme: StreamScheme): 'length' | 'message' {
  return isWebSocket(scheme) ? 'message' : 'length';
}
