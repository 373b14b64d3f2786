import { Device } from '@motestack/objects';
import { LwM2mServer } from '@motestack/server/node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startLeshanClient } from '../src/leshan.ts';
import type { PeerProcess } from '../src/peer-process.ts';
import { readinessOf } from '../src/readiness.ts';
import { nextEvent } from '../src/server-events.ts';

const { ready, version } = readinessOf('leshan');
const ENDPOINT = 'urn:interop:leshan-comes-and-goes';

describe.skipIf(!ready)(`Leshan ${version} / its client comes to our server and goes`, () => {
  let server: LwM2mServer;
  let url: string;
  let peers: PeerProcess[];
  beforeEach(async () => {
    // Every address of the machine: an IPv4 device comes in at an IPv6 socket.
    server = await LwM2mServer.listen({ urls: ['coap://[::]:0'] });
    url = `coap://127.0.0.1:${new URL(server.urls[0] ?? '').port}`;
    peers = [];
  });
  afterEach(async () => {
    await Promise.all(peers.map((peer) => peer.quit()));
    await server.close();
  });
  const start = (lifetimeSeconds: number): PeerProcess => {
    const peer = startLeshanClient(url, ENDPOINT, lifetimeSeconds);
    peers.push(peer);
    return peer;
  };

  test('over IPv4 at a dual-stack socket: one peer, written as IPv4', async () => {
    const registered = nextEvent(server, 'registered');
    start(300);
    const { device } = await registered;
    expect(device.peer).toMatch(/^127\.0\.0\.1:\d+$/);
    expect(await device.read(Device.serialNumber)).toBe('0815');
  });
  test('a second client under the same name: the first registration is replaced', async () => {
    const registered = nextEvent(server, 'registered');
    start(300);
    const { device } = await registered;
    const ended = nextEvent(server, 'deregistered');
    const anew = nextEvent(server, 'registered');
    start(300);
    expect(await ended).toMatchObject({ device, reason: 'replaced' });
    const { device: second } = await anew;
    expect(second.registration.id).not.toBe(device.registration.id);
    await expect(device.read(Device.serialNumber)).rejects.toMatchObject({ code: 'registration-replaced' });
    expect(await second.read(Device.serialNumber)).toBe('0815');
  });
  test('gone without a word: the registration expires', async () => {
    const registered = nextEvent(server, 'registered');
    const peer = start(2);
    const { device } = await registered;
    const ended = nextEvent(server, 'deregistered');
    await peer.call('stop', { deregister: false });
    expect(await ended).toMatchObject({ device, reason: 'expired' });
  });
  test('the server forgot it: 4.04 to the Update, and Leshan registers anew', async () => {
    const registered = nextEvent(server, 'registered');
    const peer = start(300);
    await registered;
    await peer.event('registered');
    const port = Number(new URL(url).port);
    await server.close();
    server = await LwM2mServer.listen({ urls: [`coap://[::]:${port}`] });
    const anew = nextEvent(server, 'registered');
    await peer.call('update');
    expect((await anew).device.endpoint).toBe(ENDPOINT);
    expect(await peer.event('updateFailed')).toMatchObject({ code: 'NOT_FOUND(404)' });
  });
});
