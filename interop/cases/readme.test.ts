import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { freeUdpPort } from '../src/free-udp-port.ts';
import { startLeshanClient, startLeshanServer } from '../src/leshan.ts';
import { places } from '../src/places.ts';
import { startProgram } from '../src/program.ts';
import { readinessOf } from '../src/readiness.ts';

const { ready, version } = readinessOf('leshan');

/** The README's programs in their order; only the port differs from what stands there. */
function writeProgram(index: number, name: string, port: string | number): string {
  const programs = [...readFileSync(join(places.root, 'README.md'), 'utf8').matchAll(/```ts\n(.*?)```/gs)];
  const text = programs[index]?.[1] ?? '';
  expect(text).toContain(':5683');
  writeFileSync(join(places.target, name), text.replace(':5683', `:${port}`));
  return name;
}

describe.skipIf(!ready)(`Leshan ${version} / the README’s programs`, () => {
  test('its client at the README’s server', async () => {
    const port = await freeUdpPort();
    const program = startProgram(places.target, writeProgram(0, 'readme-server.ts', port));
    const peer = startLeshanClient(`coap://127.0.0.1:${port}`, 'urn:readme', 300);
    await program.told(/^urn:readme by Motestack interop speaks LwM2M 1\.1$/m);
    await program.told(/^urn:readme 21\.5$/m);
    await peer.call('set', { path: '/3303/0/5700', value: 23.25 });
    await program.told(/^urn:readme 23\.3$/m);
    program.interrupt();
    await program.ended;
    await peer.quit();
  });
  test('the README’s device at its server', async () => {
    const { peer, url } = await startLeshanServer();
    const program = startProgram(places.target, writeProgram(1, 'readme-device.ts', new URL(url).port));
    const { endpoint } = await peer.event('registered');
    expect(endpoint).toBe('urn:dev:mac:0024befffe804ff1');
    const maker = await peer.call('read', { endpoint, path: '/3/0/0', format: 112 });
    expect(maker).toMatchObject({ code: '2.05', content: { value: 'Acme' } });
    expect(await peer.call('observe', { endpoint, path: '/3303/0/5700', format: 112 })).toMatchObject({ code: '2.05' });
    for (let count = 0; count < 2; count += 1) {
      expect(await peer.event('notification')).toMatchObject({ content: { type: 'FLOAT' } });
    }
    expect(await peer.call('execute', { endpoint, path: '/3/0/4' })).toMatchObject({ code: '2.04' });
    await program.told(/^rebooting$/m);
    program.interrupt();
    await program.ended;
    await peer.quit();
  });
});
