import { describe, expect, test } from 'vitest';
import { ipv4Fallback, UdpSocket } from './udp-socket.ts';

const systemError = (code: string): Error => Object.assign(new Error(code), { code });

describe('without IPv6', () => {
  test.each([
    ['not built in', 'EAFNOSUPPORT'],
    ['switched off', 'EADDRNOTAVAIL'],
  ])('%s: IPv4 is what is left of all interfaces', async (_name, code) => {
    const left = ipv4Fallback({ host: '::', port: 0 }, systemError(code));
    expect(left).toEqual({ host: '0.0.0.0', port: 0 });
    const socket = await UdpSocket.open(left ?? { host: '::1', port: 0 });
    expect(socket.localUrl).toMatch(/^coap:\/\/0\.0\.0\.0:\d+$/);
    await socket.close();
  });
  test.each([
    ['an address of IPv6 that was asked for', 'EAFNOSUPPORT', '::1'],
    ['what else the system says', 'EADDRINUSE', '::'],
  ])('%s is not replaced', (_name, code, host) => {
    expect(ipv4Fallback({ host, port: 0 }, systemError(code))).toBeUndefined();
  });
});
