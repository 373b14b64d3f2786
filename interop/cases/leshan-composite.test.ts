import { Device, Temperature } from '@motestack/objects';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startLeshanServer } from '../src/leshan.ts';
import { type OurDevice, startOurDevice } from '../src/our-device.ts';
import type { PeerLine, PeerProcess } from '../src/peer-process.ts';
import { readinessOf } from '../src/readiness.ts';

const { ready, version } = readinessOf('leshan');
const ENDPOINT = 'urn:interop:our-composite-client';

describe.skipIf(!ready)(`Leshan ${version} / our client at its server: composites and Send`, () => {
  let peer: PeerProcess;
  let ours: OurDevice;

  beforeAll(async () => {
    const started = await startLeshanServer();
    peer = started.peer;
    ours = await startOurDevice(started.url, ENDPOINT, 300);
    await ours.client.registered();
  }, 30_000);
  afterAll(async () => {
    await ours?.client.stop({ deregister: false });
    await peer?.quit();
  });

  const ask = (command: string, fields: PeerLine): Promise<PeerLine> =>
    peer.call(command, { endpoint: ENDPOINT, ...fields });

  test.each([110, 112])('Read-Composite in format %d, what is not there is left out', async (format) => {
    const answer = await ask('readComposite', { format, paths: ['/3/0/0', '/3303/0/5700', '/3/0/99'] });
    expect(answer).toMatchObject({
      code: '2.05',
      contentFormat: format,
      content: { '/3/0/0': { value: 'Motestack' }, '/3303/0/5700': { value: 21.5 } },
    });
  });

  test.each([110, 112])('Write-Composite in format %d, all of it or nothing', async (format) => {
    const offset = `+0${format - 108}:00`;
    expect(await ask('writeComposite', { format, values: { '/3/0/14': offset, '/3442/0/110': 'both' } })).toMatchObject(
      {
        code: '2.04',
      },
    );
    const read = () => ask('readComposite', { format, paths: ['/3/0/14', '/3442/0/110'] });
    expect(await read()).toMatchObject({ content: { '/3/0/14': { value: offset }, '/3442/0/110': { value: 'both' } } });
    expect(await ask('writeComposite', { format, values: { '/3/0/14': 'lost', '/3/0/0': 'Leshan' } })).toMatchObject({
      code: '4.05',
    });
    expect(await read()).toMatchObject({ content: { '/3/0/14': { value: offset } } });
  });

  test.each(['senml-cbor', 'senml-json'] as const)('Send in %s', async (contentFormat) => {
    await ours.client.send([Temperature.sensorValue, Device.manufacturer], { contentFormat });
    expect(await peer.event('sent')).toMatchObject({
      content: { '/3303/0/5700': { value: 21.5 }, '/3/0/0': { value: 'Motestack' } },
    });
  });
});
