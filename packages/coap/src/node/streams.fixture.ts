import { decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import { afterEach } from 'vitest';
import type { CoapEndpoint } from '../coap-endpoint.ts';
import type { CoapStreamEndpoint } from '../coap-stream-endpoint.ts';
import type { RequestHandler } from '../server/coap-request.ts';
import type { OpenCoapEndpointOptions } from './open-coap-endpoint.ts';
import { openCoapEndpoint } from './open-coap-endpoint.ts';
import { TEST_ROOT, TEST_SERVER } from './test-keys.fixture.ts';

export const SCHEMES = ['coap+tcp', 'coaps+tcp', 'coap+ws', 'coaps+ws'] as const;

const opened: CoapEndpoint[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((endpoint) => endpoint.close()));
});

/** Opens an endpoint over connections that is closed after the test. */
export async function open(options: OpenCoapEndpointOptions): Promise<CoapStreamEndpoint> {
  const endpoint = (await openCoapEndpoint(options)) as CoapStreamEndpoint;
  opened.push(endpoint);
  return endpoint;
}

/** The only peer of a client. */
export function peerOf(client: CoapEndpoint): string {
  if (client.remote === undefined) throw new Error('no client');
  return client.remote;
}

/** A server and a client of it. */
export async function pairOf(
  scheme: string,
  handler: RequestHandler,
  options: { readonly server?: OpenCoapEndpointOptions; readonly client?: OpenCoapEndpointOptions } = {},
) {
  const tls = scheme.startsWith('coaps');
  const serverTls = tls ? { tls: { identity: TEST_SERVER } } : {};
  const server = await open({ url: `${scheme}://127.0.0.1:0`, handler, ...serverTls, ...options.server });
  const clientTls = tls ? { tls: { trustedRoots: TEST_ROOT } } : {};
  const client = await open({ remote: remoteOf(server), ...clientTls, ...options.client });
  return { server, client, peer: peerOf(client) };
}

/** How to reach a server by name. */
export function remoteOf(server: CoapEndpoint): string {
  return server.localUrl.replace('127.0.0.1', 'localhost');
}

export const text = (bytes: Uint8Array): string => decodeUtf8(bytes);
export const content = (value: string) => ({ code: 0x45, payload: encodeUtf8(value) });

/** A promise and what settles it. */
export function later<T>() {
  let resolve: (value: T) => void = () => {};
  const promise = new Promise<T>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
