import { describe, expect, test } from 'vitest';
import { startAiocoapClient, startAiocoapServer } from '../src/aiocoap.ts';
import { formats } from '../src/formats.ts';
import { startLeshanClient, startLeshanServer } from '../src/leshan.ts';
import { runLibcoapClient, startLibcoapServer } from '../src/libcoap.ts';
import { readinessOf } from '../src/readiness.ts';

const leshan = readinessOf('leshan');
const aiocoap = readinessOf('aiocoap');
const libcoap = readinessOf('libcoap');

// With nothing of ours between them: what fails here is a peer's program or how it is driven, not our stack.
describe.skipIf(!leshan.ready)('the peers among themselves / Leshan client at Leshan server', () => {
  test('registers, is read and written in each format, notifies, de-registers', async () => {
    const { peer: server, url } = await startLeshanServer();
    const client = startLeshanClient(url, 'urn:peers', 300);
    const to = { endpoint: 'urn:peers' };
    await server.event('registered');
    for (const { number: format } of formats) {
      const temperature = { code: '2.05', contentFormat: format, content: { type: 'FLOAT' } };
      expect(await server.call('read', { ...to, path: '/3303/0/5700', format })).toMatchObject(temperature);
      const write = await server.call('write', {
        ...to,
        path: '/3442/0',
        mode: 'UPDATE',
        format,
        value: { 120: format },
      });
      expect(write).toMatchObject({ code: '2.04' });
      expect(await client.event('written')).toMatchObject({ path: '/3442/0/120', content: { value: format } });
      const { observation } = await server.call('observe', { ...to, path: '/3303/0/5700', format });
      await client.call('set', { path: '/3303/0/5700', value: format });
      expect(await server.event('notification', (line) => line.observation === observation)).toMatchObject({
        content: { value: format },
      });
      await server.call('cancelObserve', { ...to, observation, active: true });
    }
    await client.call('stop');
    expect(await server.event('unregistered')).toMatchObject({ expired: false });
    await Promise.all([client.quit(), server.quit()]);
  });
});

describe.skipIf(!aiocoap.ready || !libcoap.ready)('the peers among themselves / aiocoap and libcoap', () => {
  test('aiocoap client at libcoap server: GET, PUT, DELETE', async () => {
    const server = await startLibcoapServer();
    const client = await startAiocoapClient();
    const uri = `${server.url}/thing`;
    expect(await client.call('request', { method: 'PUT', uri, payload: '6f6e65' })).toMatchObject({ code: '2.01' });
    expect(await client.call('request', { method: 'GET', uri })).toMatchObject({ code: '2.05', payload: '6f6e65' });
    expect(await client.call('request', { method: 'DELETE', uri })).toMatchObject({ code: '2.02' });
    await client.quit();
    await server.stop();
  });
  test('libcoap client at aiocoap server: GET, separate, observe', async () => {
    const { peer: server, url } = await startAiocoapServer();
    const codes = async (...args: readonly string[]): Promise<string[]> =>
      (await runLibcoapClient(...args)).filter(({ direction }) => direction === 'received').map(({ code }) => code);
    expect(await codes(`${url}/hello`)).toEqual(['2.05']);
    expect(await codes(`${url}/separate`)).toEqual(['0.00', '2.05']);
    expect((await codes('-s', '1', `${url}/observe`)).length).toBeGreaterThan(3);
    await server.quit();
  });
});
