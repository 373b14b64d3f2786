import { encodeUtf8 } from '@motestack/bytes';
import type { CoapEndpoint } from '@motestack/coap/node';
import { formatCode, openCoapEndpoint } from '@motestack/coap/node';
import { Device, Temperature } from '@motestack/objects';
import { LwM2mServer } from '@motestack/server/node';
import { describe, expect, test } from 'vitest';
import { startAiocoapClient } from '../src/aiocoap.ts';
import { eventually } from '../src/eventually.ts';
import { expectAgreement } from '../src/expect-agreement.ts';
import { formats } from '../src/formats.ts';
import { freeUdpPort } from '../src/free-udp-port.ts';
import { startOurCoapServer } from '../src/our-coap-server.ts';
import { startOurDevice } from '../src/our-device.ts';
import { readinessOf } from '../src/readiness.ts';
import { remoteOf } from '../src/remote-of.ts';
import { nextEvent } from '../src/server-events.ts';
import { TestObject } from '../src/test-object.ts';
import { startCapture } from '../src/tshark.ts';

const { ready, version } = readinessOf('tshark');

/** One of everything that an endpoint sends. */
async function exchangeEverything(client: CoapEndpoint): Promise<void> {
  const peer = remoteOf(client);
  const payload = encodeUtf8('värde');
  await client.ping(peer);
  await client.request(peer, {
    method: 'GET',
    path: ['hello'],
    query: ['a=1', 'long='.padEnd(200, 'x')],
    accept: 0,
  });
  await client.request(peer, { method: 'GET', path: ['hello'], confirmable: false });
  await client.request(peer, { method: 'GET', path: ['no', '', 'w\u00e9re'.repeat(20)] });
  await client.request(peer, { method: 'PUT', path: ['store'], payload, contentFormat: 0 });
  await client.request(peer, { method: 'POST', path: ['store'], payload, contentFormat: 0 });
  await client.request(peer, { method: 'POST', path: ['echo'], payload: new Uint8Array(1000), contentFormat: 42 });
  await client.request(peer, { method: 'DELETE', path: ['store'] });
  await client.request(peer, { method: 'GET', path: ['separate'] });
  let notifications = 0;
  const callbacks = { onNotification: () => (notifications += 1), onEnd: () => {} };
  const observation = await client.observe(peer, { method: 'GET', path: ['observe'] }, callbacks);
  await eventually('three notifications', () => notifications >= 3);
  await observation.cancel();
  const forgotten = await client.observe(peer, { method: 'GET', path: ['observe'] }, callbacks);
  forgotten.forget();
}

describe.skipIf(!ready)(`tshark ${version} / our endpoint in both roles`, () => {
  test('every message is well-formed, and type, code, message ID, token and options agree', async () => {
    const port = await freeUdpPort();
    const capture = await startCapture(port);
    const server = await startOurCoapServer({ port });
    const client = await openCoapEndpoint({ remote: server.url });
    await exchangeEverything(client);
    await eventually('the forgotten observation is reset', () => server.observers.size === 0);
    await client.close();
    await server.close();
    const messages = await capture.stop();
    expectAgreement(messages, 30);
    expect(new Set(messages.map(({ type }) => type))).toEqual(new Set([0, 1, 2, 3]));
  });
  test('an empty Uri-Query is legal (RFC 7252 §5.10, length 0 to 255); tshark alone takes it for a fault', async () => {
    const port = await freeUdpPort();
    const capture = await startCapture(port);
    const server = await startOurCoapServer({ port });
    const client = await openCoapEndpoint({ remote: server.url });
    const { code } = await client.request(remoteOf(client), { method: 'GET', path: ['hello'], query: [''] });
    expect(formatCode(code)).toBe('2.05');
    await client.close();
    await server.close();
    const [request, response] = await capture.stop();
    expect(request?.faults).toEqual(['malformed: _ws.malformed']);
    expect(response?.faults).toEqual([]);
  });
});

describe.skipIf(!ready || !readinessOf('aiocoap').ready)(
  `tshark ${version} / our server with an aiocoap client`,
  () => {
    test('every message is well-formed, and type, code, message ID, token and options agree', async () => {
      const port = await freeUdpPort();
      const capture = await startCapture(port);
      const server = await startOurCoapServer({ port });
      const client = await startAiocoapClient();
      const answer = await client.call('request', { uri: `${server.url}/separate?x=1`, accept: 0 });
      expect(answer).toMatchObject({ code: '2.05' });
      await client.call('request', { method: 'PUT', uri: `${server.url}/store`, payload: '00', contentFormat: 42 });
      const { observation } = await client.call('observe', { uri: `${server.url}/observe` });
      await client.event('notification', (line) => line.observation === observation);
      await client.call('cancel', { observation });
      await eventually('the observer is forgotten', () => server.observers.size === 0);
      await client.quit();
      await server.close();
      expectAgreement(await capture.stop(), 11);
    });
  },
);

describe.skipIf(!ready)(`tshark ${version} / our client at our server`, () => {
  test('LwM2M in TLV, SenML-JSON and SenML-CBOR: messages and payloads are well-formed', async () => {
    const port = await freeUdpPort();
    const capture = await startCapture(port);
    const server = await LwM2mServer.listen({ urls: [`coap://127.0.0.1:${port}`], objects: [TestObject] });
    const registered = nextEvent(server, 'registered');
    const { client } = await startOurDevice(`coap://127.0.0.1:${port}`, 'urn:interop:tshark', 300);
    const { device } = await registered;
    await client.registered();
    for (const { contentFormat } of formats) {
      await device.read(Device.at(0), { contentFormat });
      await device.read(TestObject, { contentFormat });
      await device.write(
        TestObject.at(0),
        { stringValue: contentFormat, floatValue: 0.1, integerValue: 5 },
        { contentFormat },
      );
      await device.replace(TestObject.multipleIntegerValue, { 1: 2, 300: -70_000 }, { contentFormat });
      const created = await device.create(TestObject, { stringValue: 'new' }, { objectInstanceId: 3, contentFormat });
      await device.delete(created);
      let notifications = 0;
      for await (const _ of device.observe(Temperature.at(0), { contentFormat })) {
        notifications += 1;
        if (notifications === 3) break;
        client.set(Temperature.sensorValue, notifications);
      }
    }
    await device.discover('/3');
    await device.writeAttributes(Temperature.sensorValue, { pmin: 1, gt: 30.5 });
    await device.execute(TestObject.execWithArguments, { 0: 'x', 1: undefined });
    await client.stop();
    await server.close();
    expectAgreement(await capture.stop(), 60);
  });
});
