import { describe, expect, test } from 'vitest';
import { PeerAddresses } from './peer-addresses.ts';
import { peerIdOf, resolvePeer } from './peer-id.ts';

describe('peerIdOf', () => {
  test.each([
    ['127.0.0.1', '127.0.0.1:5683'],
    ['::1', '[::1]:5683'],
    ['0:0:0:0:0:0:0:1', '[::1]:5683'],
    ['2001:DB8:0:0::A', '[2001:db8::a]:5683'],
    ['::ffff:127.0.0.1', '127.0.0.1:5683'],
    ['::FFFF:7f00:0001', '127.0.0.1:5683'],
    ['::ffff:0.0.1.2', '0.0.1.2:5683'],
    ['fe80::1%eth0', '[fe80::1%eth0]:5683'],
    ['FE80::1%vEthernet', '[fe80::1%vEthernet]:5683'],
    ['::', '[::]:5683'],
  ])('%s is %s', (address, id) => {
    expect(peerIdOf(address, 5683)).toBe(id);
  });

  test.each(['', 'localhost', '127.0.0.1:5683', '[::1]', '1.2.3'])('%j is no address', (address) => {
    expect(() => peerIdOf(address, 5683)).toThrow(TypeError);
  });
});

describe('resolvePeer', () => {
  test.each([
    ['coap://127.0.0.1', '127.0.0.1:5683'],
    ['coap://127.0.0.1:1234/ignored', '127.0.0.1:1234'],
    ['coaps://[::1]', '[::1]:5684'],
    ['coap://[::FFFF:127.0.0.1]:1', '127.0.0.1:1'],
    ['coap://[fe80::1%25eth0]', '[fe80::1%eth0]:5683'],
    ['coap://[FE80::1%25vEth]:7', '[fe80::1%vEth]:7'],
  ])('%s is %s', async (url, id) => {
    expect(await resolvePeer(url)).toBe(id);
  });

  test('a name is looked up', async () => {
    expect(await resolvePeer('coap://localhost')).toMatch(/^(?:127\.0\.0\.1|\[::1\]):5683$/);
  });

  test('something else is refused', async () => {
    await expect(resolvePeer('http://127.0.0.1')).rejects.toMatchObject({ name: 'DecodeError' });
  });
});

describe('PeerAddresses', () => {
  test('on a socket of IPv6, IPv4 peers are sent to in the mapped form', () => {
    const peers = new PeerAddresses(true);
    expect(peers.addressOf('127.0.0.1:5')).toMatchObject({ address: '::ffff:127.0.0.1', port: 5 });
    expect(peers.addressOf('[::1]:5')).toMatchObject({ address: '::1', port: 5 });
    expect(peers.idOf('::ffff:127.0.0.1', 5)).toBe('127.0.0.1:5');
  });

  test('on a socket of IPv4 they are not', () => {
    expect(new PeerAddresses(false).addressOf('127.0.0.1:5')).toMatchObject({ address: '127.0.0.1', port: 5 });
  });

  test.each(['', 'a', '::1:5', '[::1]', '127.0.0.1'])('%j is no peer of UDP', (id) => {
    expect(() => new PeerAddresses(false).addressOf(id)).toThrow(TypeError);
  });

  test('more peers than are remembered are still found', () => {
    const peers = new PeerAddresses(false);
    for (let index = 0; index < 70_000; index++) {
      const port = index % 65_536;
      const address = `10.0.${index >>> 16}.1`;
      if (peers.idOf(address, port) !== `${address}:${port}`) throw new Error(`${address} ${port}`);
    }
    expect(peers.addressOf('10.0.0.1:7')).toMatchObject({ address: '10.0.0.1', port: 7 });
  });
});
