import { CoapRouter, content, parseCode } from '@motestack/coap';
import { expect, test } from 'vitest';
import { Scene, text } from './scripted-server.fixture.ts';

test('the application’s own CoAP resources stand beside those of LwM2M', async () => {
  const scene = new Scene();
  const { clock } = scene.network;
  const resources = new CoapRouter({ clock });
  resources.get('/hello', () => content('there'));
  resources.get('/3/0/0', () => content('never'));
  await scene.registered({ resources, rootPath: '/lwm2m' });
  expect(text((await scene.network.settle(scene.server.ask('GET', '/hello'))).payload)).toBe('there');
  expect(await scene.network.settle(scene.server.read('/lwm2m/3/0/0'))).toBe('Acme');
  expect((await scene.network.settle(scene.server.ask('GET', '/3/0/0'))).code).toBe(parseCode('4.04'));
  expect((await scene.network.settle(scene.server.ask('GET', '/other'))).code).toBe(parseCode('4.04'));
});
