import { spawn, spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { fileURLToPath } from 'node:url';
import { type CoapEndpoint, openCoapEndpoint, parseCode } from '@motestack/coap/node';
import { Device, Temperature } from '@motestack/objects';
import { afterEach, describe, expect, test } from 'vitest';
import { LwM2mClient, type LwM2mError, RegistrationError } from './index.ts';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((open) => open.close()));
});

const objects = [
  Device.instance({ manufacturer: 'Acme', reboot: () => undefined }),
  Temperature.instance({ sensorValue: 21.5 }),
];

/** A server that accepts everything; the requests that it got, and the peer that registered last. */
async function someServer(
  url = 'coap://127.0.0.1:0',
): Promise<{ readonly endpoint: CoapEndpoint; readonly seen: string[]; peer: string }> {
  const server = { seen: [] as string[], peer: '' };
  const endpoint = await openCoapEndpoint({
    url,
    handler: ({ method, path, peer }) => {
      server.seen.push(`${method} /${path.join('/')}`);
      server.peer = peer;
      if (method === 'DELETE') return { code: parseCode('2.02') };
      if (path.length > 1) return { code: parseCode('2.04') };
      return { code: parseCode('2.01'), locationPath: ['rd', '1'] };
    },
  });
  closing.push(endpoint);
  return Object.assign(server, { endpoint });
}

async function start(server: string): Promise<LwM2mClient> {
  const client = await LwM2mClient.start({ endpoint: 'thermometer', server, objects });
  closing.push(client);
  return client;
}

describe('LwM2mClient over UDP', () => {
  test.each(['coap://127.0.0.1:0', 'coap://[::]:0'])('registers, is read and says goodbye at %s', async (url) => {
    const server = await someServer(url);
    const client = await start(`coap://127.0.0.1:${new URL(server.endpoint.localUrl).port}`);
    await client.registered();
    const { payload } = await server.endpoint.request(server.peer, { method: 'GET', path: ['3', '0', '0'], accept: 0 });
    expect(new TextDecoder().decode(payload)).toBe('Acme');
    await client.stop();
    expect(server.seen).toEqual(['POST /rd', 'DELETE /rd/1']);
  });

  test('finds a server that listens on one address of the name alone', async () => {
    const server = await someServer('coap://127.0.0.1:0');
    // Where localhost is ::1 first, that address refuses and 127.0.0.1 is tried at once.
    const client = await start(`coap://localhost:${new URL(server.endpoint.localUrl).port}`);
    await client.registered({ signal: AbortSignal.timeout(5_000) });
    expect(client.inspect().servers[0]).toMatchObject({ state: 'registered', location: '/rd/1' });
  });

  test('a port where nobody listens ends the attempt at once', async () => {
    const port = await freePort();
    const begun = Date.now();
    const client = await start(`coap://127.0.0.1:${port}`);
    const error = await new Promise<LwM2mError>((resolve) => {
      client.on('error', resolve);
    });
    expect(Date.now() - begun).toBeLessThan(1_500);
    expect(RegistrationError.is(error)).toBe(true);
    expect(error).toMatchObject({ code: 'server-unreachable', operation: 'Register', endpoint: 'thermometer' });
  });

  test('a name that does not exist is a failure with its cause', async () => {
    const client = await start('coap://nowhere.invalid');
    const error = await new Promise<LwM2mError>((resolve) => {
      client.on('error', resolve);
    });
    expect(error).toMatchObject({ code: 'registration-failed', cause: { syscall: 'getaddrinfo' } });
  });

  test.each(['coaps://host', 'http://host', 'host:5683', ''])('refuses the server %j', async (server) => {
    await expect(LwM2mClient.start({ endpoint: 'x', server, objects })).rejects.toThrow(TypeError);
  });

  test('await using stops it', async () => {
    const server = await someServer();
    const client = await start(server.endpoint.localUrl);
    await client.registered();
    await client[Symbol.asyncDispose]();
    expect(client.inspect().servers[0]?.state).toBe('stopped');
    expect(client).toBeInstanceOf(LwM2mClient);
  });
});

describe('the process', () => {
  const program = (server: string, body: string): readonly string[] => [
    '--conditions=@motestack/source',
    '--import',
    'tsx',
    '--input-type=module',
    '--eval',
    `
      import { LwM2mClient } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      import { Device } from '@motestack/objects';
      const client = await LwM2mClient.start({
        endpoint: 'thermometer',
        server: ${JSON.stringify(server)},
        objects: [Device.instance({ reboot: () => client.stop() })],
      });
      ${body}`,
  ];
  const cwd = fileURLToPath(new URL('../../', import.meta.url));

  test('ends by itself once the client is stopped, even in the midst of waiting', async () => {
    const server = `coap://127.0.0.1:${await freePort()}`;
    const body = `client.on('error', async ({ code }) => { console.log(code); await client.stop(); console.log('stopped'); });`;
    const { stdout, stderr, status } = spawnSync(process.execPath, program(server, body), {
      cwd,
      encoding: 'utf8',
      timeout: 12_000,
    });
    expect({ stdout, stderr, status }).toEqual({ stdout: 'server-unreachable\nstopped\n', stderr: '', status: 0 });
  });

  test('ends by itself after a Reboot that stops the client, which is answered first', async () => {
    const server = await someServer();
    const body = `await client.registered(); console.log('registered');`;
    const child = spawn(process.execPath, program(server.endpoint.localUrl, body), { cwd });
    const ended = new Promise<number | null>((resolve) => {
      child.once('exit', resolve);
    });
    await new Promise((resolve) => {
      child.stdout.once('data', resolve);
    });
    const { code } = await server.endpoint.request(server.peer, { method: 'POST', path: ['3', '0', '4'] });
    expect(code).toBe(parseCode('2.04'));
    expect(await ended).toBe(0);
    expect(server.seen).toEqual(['POST /rd', 'DELETE /rd/1']);
  });
});

/** A port of loopback that was free a moment ago. */
async function freePort(): Promise<number> {
  const socket = createSocket('udp4');
  await new Promise<void>((resolve) => {
    socket.bind(0, '127.0.0.1', resolve);
  });
  const { port } = socket.address();
  await new Promise<void>((resolve) => {
    socket.close(resolve);
  });
  return port;
}
