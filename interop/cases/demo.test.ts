import { describe, expect, test } from 'vitest';
import { expectAgreement } from '../src/expect-agreement.ts';
import { freeUdpPort } from '../src/free-udp-port.ts';
import { startLeshanClient } from '../src/leshan.ts';
import { startDemo } from '../src/program.ts';
import { readinessOf } from '../src/readiness.ts';
import { startCapture } from '../src/tshark.ts';

const leshan = readinessOf('leshan');
const tshark = readinessOf('tshark');

describe.skipIf(!tshark.ready)(`tshark ${tshark.version} / the demo`, () => {
  test('the story over the wire: no malformed message, and our fields are tshark’s', { timeout: 40_000 }, async () => {
    const port = await freeUdpPort();
    const capture = await startCapture(port);
    const demo = startDemo('--at', `coap://127.0.0.1:${port}`);
    const status = await demo.ended;
    const messages = await capture.stop();
    expect(status, demo.transcript()).toBe(0);
    expectAgreement(messages, 25);
  });
});

describe.skipIf(!leshan.ready || !tshark.ready)(`Leshan ${leshan.version} / its client at \`demo --serve\``, () => {
  test('the same story, and tshark finds no fault', { timeout: 60_000 }, async () => {
    const port = await freeUdpPort();
    const capture = await startCapture(port);
    const url = `coap://127.0.0.1:${port}`;
    const demo = startDemo('--serve', url);
    await demo.told(/listens at/);
    const peer = startLeshanClient(url, 'urn:interop:demo', 300);
    await demo.told(/Discover \/3 → .*\/3\/0\/0/);
    await demo.told(/Read \/3\/0\/0 → Motestack interop/);
    await demo.told(/Write \/1\/0\/1 = 120 → done/);
    await demo.told(/Update: urn:interop:demo, lifetime 120 s/);
    await demo.told(/Notify \/3303\/0\/5700 → 21\.5/);
    await demo.told(/Execute \/3\/0\/4 \(Reboot\) → done/, 20_000);
    expect(await peer.event('executed')).toMatchObject({ path: '/3/0/4' });
    await peer.call('stop');
    await demo.told(/left: deregister/);
    await peer.quit();
    demo.interrupt();
    expect(await demo.ended).toBe(0);
    expectAgreement(await capture.stop(), 20);
  });
});
