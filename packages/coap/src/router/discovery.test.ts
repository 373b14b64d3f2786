import { parseLinkFormat } from '@motestack/link-format';
import { describe, expect, test } from 'vitest';
import { content } from './answers.ts';
import { filterLinks } from './discovery.ts';
import { asking, newRouter } from './router.fixture.ts';

const hello = () => content('hello');

const inner = () => newRouter().get('/', hello, { rt: 'inner' }).get('/x y', hello);

const router = newRouter({ links: () => parseLinkFormat('</sensors/1>;rt="temperature-c"') });
router
  .get('/', hello, { title: 'all', ct: 40 })
  .get('/light', hello, { rt: ['light-lux', 'core.sen-light'], if: 'sensor', ct: [0, 50], sz: 2000 })
  .get('/sensors/:id', hello)
  .get('/files/*', hello)
  .get('/hidden', hello, { hidden: true })
  .put('/light', hello, { title: 'Light' })
  .mount('/inner', inner());
router.observable('/temperature', { get: hello, rt: 'temperature-c' });

const ALL = [
  '</>;title="all";ct=40',
  '</light>;title="Light";rt="light-lux core.sen-light";if="sensor";ct="0 50";sz=2000',
  '</inner>;rt="inner"',
  '</inner/x%20y>',
  '</temperature>;rt="temperature-c";obs',
  '</sensors/1>;rt="temperature-c"',
];

describe('/.well-known/core', () => {
  const { ask, coap, network } = asking(router);

  test('lists the routes, and reads back', async () => {
    const response = await network.settle(coap.get('/.well-known/core'));
    expect(response).toMatchObject({ status: '2.05', contentFormat: 40 });
    expect(response.text()).toBe(ALL.join(','));
    expect(parseLinkFormat(response.text())).toHaveLength(ALL.length);
  });

  test.each([
    ['href=/light', [1]],
    ['href=/in*', [2, 3]],
    ['rt=light-lux', [1]],
    ['rt=core.sen*', [1]],
    ['rt=sen-light', []],
    ['rt=*', [1, 2, 4, 5]],
    ['rt=temperature-c', [4, 5]],
    ['rt=temperature-c&obs', [4]],
    ['obs', [4]],
    ['obs=', [4]],
    ['if=sensor', [1]],
    ['ct=50', [1]],
    ['ct=5', []],
    ['title=Light', [1]],
    ['title=Li*', [1]],
    ['sz=2000', [1]],
    ['unknown=*', []],
    ['*', []],
  ])('?%s [RFC 6690 §4.1]', async (query, indices) => {
    const expected = indices.map((index) => ALL[index]).join(',');
    expect(await ask('get', `/.well-known/core?${query}`)).toBe(`2.05 ${expected}`.trim());
  });

  test('GET only, and link format only', async () => {
    expect(await ask('post', '/.well-known/core')).toBe('4.05');
    expect((await network.settle(coap.get('/.well-known/core', { accept: 50 }))).status).toBe('4.06');
    expect((await network.settle(coap.get('/.well-known/core', { accept: 40 }))).status).toBe('2.05');
    expect(await ask('get', '/.well-known')).toBe('4.04');
    expect(await ask('get', '/.well-known/core/x')).toBe('4.04');
  });

  test('a long list comes in blocks', async () => {
    const long = newRouter();
    for (let index = 0; index < 200; index++) long.get(`/resource-${index}`, hello, { title: 'one of many' });
    const { coap: client, network: net } = asking(long);
    const response = await net.settle(client.get('/.well-known/core'));
    expect(response.payload.length).toBeGreaterThan(4096);
    expect(parseLinkFormat(response.text())).toHaveLength(200);
  });

  test('nothing to list is an empty list', async () => {
    expect(await asking(newRouter()).ask('get', '/.well-known/core')).toBe('2.05');
  });

  test('a route of its own, and none at all', async () => {
    expect(await asking(newRouter().get('/.well-known/core', hello)).ask('get', '/.well-known/core')).toBe(
      '2.05 hello',
    );
    expect(await asking(newRouter({ discovery: false })).ask('get', '/.well-known/core')).toBe('4.04');
  });
});

test('a value that is in the list several times', () => {
  const links = parseLinkFormat('</a>;rel="x y",</b>;rel=z,</c>;x=1;x=2');
  expect(filterLinks(links, ['rel=y']).map(({ target }) => target)).toEqual(['/a']);
  expect(filterLinks(links, ['x=2']).map(({ target }) => target)).toEqual(['/c']);
});
