import { describe, expect, test } from 'vitest';
import { bytes, content } from '../coap-endpoint.fixture.ts';
import { asking, newRouter } from '../router/router.fixture.ts';
import { clientPair } from './coap-client.fixture.ts';
import { discover } from './discover.ts';

describe('discover', () => {
  const router = newRouter()
    .get('/a', () => content(''), { rt: 'first', title: 'A' })
    .get('/b', () => content(''), { rt: 'second' });
  const targets = (links: readonly { readonly target: string }[]) => links.map(({ target }) => target);

  test('everything, and what filters choose', async () => {
    const { network, coap } = asking(router);
    expect(await network.settle(discover(coap))).toEqual([
      {
        target: '/a',
        attributes: [
          { name: 'title', value: 'A', quoted: true },
          { name: 'rt', value: 'first', quoted: true },
        ],
      },
      { target: '/b', attributes: [{ name: 'rt', value: 'second', quoted: true }] },
    ]);
    expect(targets(await network.settle(discover(coap, { rt: 'sec*' })))).toEqual(['/b']);
    expect(targets(await network.settle(discover(coap, { rt: 'first', title: 'B' })))).toEqual([]);
    expect(targets(await network.settle(discover(coap, {}, { server: 'coap://10.0.0.1', query: ['title'] })))).toEqual([
      '/a',
    ]);
  });

  test('a server that has none, and one that says nonsense', async () => {
    const without = clientPair(() => ({ code: 0x84 }));
    await expect(without.network.settle(discover(without.coap))).rejects.toMatchObject({ code: 'response' });
    const nonsense = clientPair(() => ({ code: 0x45, payload: bytes('<a') }));
    await expect(nonsense.network.settle(discover(nonsense.coap))).rejects.toMatchObject({ name: 'DecodeError' });
  });
});
