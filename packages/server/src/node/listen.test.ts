import { spawnSync } from 'node:child_process';
import { createSocket } from 'node:dgram';
import { channel } from 'node:diagnostics_channel';
import { fileURLToPath } from 'node:url';
import { encodeUtf8 } from '@motestack/bytes';
import { formatCode } from '@motestack/coap';
import { openCoapEndpoint } from '@motestack/coap/node';
import { Device, Temperature } from '@motestack/objects';
import { afterEach, describe, expect, test } from 'vitest';
import { LwM2mServer, type RegisteredDevice, ServerClosedError, TimeoutError } from './index.ts';

const LINKS = encodeUtf8('</>;ct=110,</1/0>,</3/0>,</3303/0>');
const opened: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
});

/** Opens a server that this test's end closes. */
async function listen(options: Parameters<typeof LwM2mServer.listen>[0]): Promise<LwM2mServer> {
  const server = await LwM2mServer.listen(options);
  opened.push(server);
  return server;
}

/** A device on loopback: registers, and answers what it is asked. */
async function deviceAt(
  url: string,
): Promise<{ register(endpoint: string): Promise<string>; notify(text: string): void }> {
  const peer = new URL(url).host;
  let notify: (text: string) => void = () => undefined;
  const coap = await openCoapEndpoint({
    remote: url,
    handler: (request) => {
      if (request.path[0] === '3') return { code: 0x45, contentFormat: 0, payload: encodeUtf8('Acme') };
      if (request.observe === 0) {
        const relation = request.acceptObserver();
        notify = (text) => relation.notify({ code: 0x45, contentFormat: 0, payload: encodeUtf8(text) });
      }
      return { code: 0x45, contentFormat: 0, payload: encodeUtf8('20.5') };
    },
  });
  opened.push(coap);
  return {
    register: async (endpoint) => {
      const query = [`ep=${endpoint}`, 'lt=60', 'lwm2m=1.1'];
      const response = await coap.request(coap.remote ?? peer, {
        method: 'POST',
        path: ['rd'],
        query,
        contentFormat: 40,
        payload: LINKS,
      });
      return formatCode(response.code);
    },
    notify: (text) => notify(text),
  };
}

describe('LwM2mServer.listen', () => {
  test.each(['coap://127.0.0.1:0', 'coap://[::1]:0', 'coap://localhost:0'])(
    'at %s: register, read, observe',
    async (url) => {
      const server = await listen({ urls: [url] });
      const [real = ''] = server.urls;
      expect(real).toMatch(/^coap:\/\/.+:[1-9]\d*$/);
      const registered = new Promise<RegisteredDevice>((resolve) => {
        server.on('registered', resolve);
      });
      const scripted = await deviceAt(real);
      expect(await scripted.register('node')).toBe('2.01');
      const device = await registered;
      expect(await device.read(Device.manufacturer)).toBe('Acme');
      const seen: number[] = [];
      for await (const celsius of device.observe(Temperature.sensorValue)) {
        seen.push(celsius);
        if (seen.length === 1) scripted.notify('21');
        else break;
      }
      expect(seen).toEqual([20.5, 21]);
    },
  );

  test('on every address, one device that comes by IPv4 is one peer', async () => {
    const server = await listen({ urls: ['coap://[::]:0'] });
    const port = new URL(server.urls[0] ?? '').port;
    const scripted = await deviceAt(`coap://127.0.0.1:${port}`);
    expect(await scripted.register('node')).toBe('2.01');
    const device = await server.device('node');
    expect(device?.peer).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await device?.read(Device.manufacturer)).toBe('Acme');
  });

  test('at two addresses at once', async () => {
    const server = await listen({ urls: ['coap://127.0.0.1:0', 'coap://[::1]:0'] });
    expect(server.urls).toHaveLength(2);
    for (const [index, url] of server.urls.entries()) {
      const scripted = await deviceAt(url);
      expect(await scripted.register(`node-${index}`)).toBe('2.01');
      expect(await (await server.device(`node-${index}`))?.read(Device.manufacturer)).toBe('Acme');
    }
  });

  test('a port that is taken is the system’s error, and leaves no socket open', async () => {
    const taken = createSocket('udp4');
    await new Promise<void>((resolve) => {
      taken.bind(0, '127.0.0.1', resolve);
    });
    const { port } = taken.address();
    const listenForTheStackTest = async (): Promise<unknown> =>
      await listen({ urls: ['coap://127.0.0.1:0', `coap://127.0.0.1:${port}`] });
    await expect(listenForTheStackTest()).rejects.toMatchObject({
      code: 'EADDRINUSE',
      stack: expect.stringContaining('listenForTheStackTest'),
    });
    taken.close();
  });

  test('a device that is silent times out; close rejects what is in flight', async () => {
    const server = await listen({ urls: ['coap://127.0.0.1:0'], requestTimeoutMs: 150 });
    const silent = createSocket('udp4');
    await new Promise<void>((resolve) => {
      silent.bind(0, '127.0.0.1', resolve);
    });
    const answered = new Promise((resolve) => {
      silent.once('message', resolve);
    });
    const query = ['ep=a', 'lt=60', 'lwm2m=1.1'].flatMap((text, index) => [
      (index === 0 ? 0x30 : 0) | text.length,
      ...encodeUtf8(text),
    ]);
    const register = [0x40, 0x02, 0, 1, 0xb2, 0x72, 0x64, 0x11, 40, ...query, 0xff, ...LINKS];
    silent.send(Uint8Array.from(register), Number(new URL(server.urls[0] ?? '').port), '127.0.0.1');
    await answered;
    const device = await server.device('a');
    await expect(device?.read(Device.manufacturer)).rejects.toBeInstanceOf(TimeoutError);
    const inFlight = expect(device?.read(Device.manufacturer, { timeoutMs: 60_000 })).rejects.toBeInstanceOf(
      ServerClosedError,
    );
    await server.close();
    await inFlight;
    silent.close();
  });

  test('diagnostics_channel carries what happens', async () => {
    const told: unknown[] = [];
    const note = (message: unknown): void => void told.push(message);
    const registered = channel('motestack:lwm2m-server:registered');
    registered.subscribe(note);
    const server = await listen({ urls: ['coap://127.0.0.1:0'] });
    const heard = new Promise((resolve) => {
      server.on('registered', resolve);
    });
    await (await deviceAt(server.urls[0] ?? '')).register('node');
    await heard;
    registered.unsubscribe(note);
    expect(told).toEqual([{ endpoint: 'node', peer: expect.stringMatching(/^127/), lwm2mVersion: '1.1' }]);
  });

  test('the process ends by itself once the server is closed', () => {
    const program = `
      import { LwM2mServer } from ${JSON.stringify(new URL('./index.ts', import.meta.url).href)};
      const server = await LwM2mServer.listen({ urls: ['coap://127.0.0.1:0'] });
      await server.close({ timeoutMs: 5_000 });
      console.log('closed');`;
    const root = fileURLToPath(new URL('../../../../', import.meta.url));
    const { stdout, stderr, status } = spawnSync(
      process.execPath,
      ['--conditions=@motestack/source', '--import', 'tsx', '--input-type=module', '--eval', program],
      { cwd: root, encoding: 'utf8', timeout: 12_000 },
    );
    expect({ stdout, stderr, status }).toEqual({ stdout: 'closed\n', stderr: '', status: 0 });
  });
});
