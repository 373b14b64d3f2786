import { Device } from '@motestack/objects';
import {
  type BootstrapAnswer,
  type BootstrapContentFormat,
  LwM2mBootstrapServer,
  LwM2mServer,
  type RegisteredDevice,
  ResponseError,
} from '@motestack/server/node';
import { afterEach, describe, expect, test } from 'vitest';
import { startLeshanClientToBootstrap } from '../src/leshan.ts';
import type { PeerProcess } from '../src/peer-process.ts';
import { readinessOf } from '../src/readiness.ts';
import { nextEvent } from '../src/server-events.ts';

const { ready, version } = readinessOf('leshan');

const ending: (() => unknown)[] = [];
afterEach(async () => {
  for (const end of ending.splice(0).reverse()) await end();
});

/** Our bootstrap server, our server that it sends to, and Leshan's client that knows the first alone. */
async function stage(answer: (serverUrl: string) => BootstrapAnswer): Promise<{
  readonly peer: PeerProcess;
  readonly registered: Promise<RegisteredDevice>;
  readonly told: Promise<[string, Error?]>;
}> {
  const server = await LwM2mServer.listen({ urls: ['coap://127.0.0.1:0'] });
  ending.push(() => server.close());
  const registered = nextEvent(server, 'registered').then(({ device }) => device);
  registered.catch(() => undefined);
  const bootstrap = await LwM2mBootstrapServer.listen({
    urls: ['coap://127.0.0.1:0'],
    configuration: ({ endpoint }) => (endpoint === 'leshan-boot' ? answer(server.urls[0] ?? '') : undefined),
  });
  ending.push(() => bootstrap.close());
  const told = new Promise<[string, Error?]>((resolve) => {
    bootstrap.on('finished', (endpoint) => resolve([endpoint]));
    bootstrap.on('failed', (endpoint, error) => resolve([endpoint, error]));
  });
  const peer = startLeshanClientToBootstrap(bootstrap.urls[0] ?? '', 'leshan-boot');
  ending.push(() => peer.quit());
  return { peer, registered, told };
}

describe.skipIf(!ready)(`Leshan ${version} / our bootstrap server`, () => {
  test.each<BootstrapContentFormat>(['tlv', 'senml-json', 'senml-cbor'])(
    'its client finds our server, written in %s',
    async (contentFormat) => {
      const { peer, registered, told } = await stage((uri) => ({
        servers: [{ uri, shortServerId: 101, lifetimeSeconds: 90 }],
        contentFormat,
      }));
      expect(await told).toEqual(['leshan-boot']);
      await peer.event('bootstrapped');
      const device = await registered;
      expect(device.registration.lifetimeSeconds).toBe(90);
      expect(await device.read(Device.serialNumber)).toBe('0815');
    },
  );

  test('it says what it has, is read from, and takes what a procedure writes', async () => {
    const seen: unknown[] = [];
    const { peer, registered, told } = await stage((uri) => async (device) => {
      const { lwm2mVersion, nodes } = await device.discover();
      seen.push(
        lwm2mVersion,
        nodes.some(({ path }) => path.objectId === 3 && path.objectInstanceId === 0),
      );
      await device.delete('/');
      const none = new Uint8Array(0);
      await device.write({ path: '/0/1', value: { 0: uri, 1: false, 2: 3, 3: none, 4: none, 5: none, 10: 7 } });
      await device.write({ path: '/1/0', value: { 0: 7, 1: 60, 6: true, 7: 'U' } });
      seen.push((await device.read('/1/0')).find(({ path }) => path.resourceId === 1)?.value);
    });
    expect(await told).toEqual(['leshan-boot']);
    await peer.event('bootstrapped');
    expect((await registered).registration.lifetimeSeconds).toBe(60);
    // It registers with 1.1, and says 1.0 here: nobody may choose formats by that.
    expect(seen).toEqual(['1.0', true, 60]);
  });

  test('what it finds inconsistent it says at Finish with 4.06', async () => {
    const { told } = await stage((uri) => async (device) => {
      await device.delete('/1');
      await device.write({ path: '/0/1', value: { 0: uri, 1: false, 2: 3, 10: 7 } });
    });
    const [, error] = await told;
    expect(ResponseError.is(error) && [error.operation, error.responseCode]).toEqual(['Bootstrap-Finish', '4.06']);
  });
});
