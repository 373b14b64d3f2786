import { expect, test, vi } from 'vitest';
import { openStreamClient } from './open-stream.ts';
import { StreamClient } from './stream-client.ts';

/** The longest wait of a timer of Node; a longer one fires at once. */
const TIMER_MS_MAX = 2 ** 31 - 1;

test('a Hold-Off of half a year (RFC 8323 §5.5) is one timer, and no loop of timers that are too long', async () => {
  const started = vi.spyOn(globalThis, 'setTimeout');
  const connect = vi.fn(() => ({ abandon: () => {} }));
  const client = new StreamClient({
    remote: '127.0.0.1:1',
    localUrl: 'coap+tcp://127.0.0.1:1',
    framing: 'length',
    reconnect: {},
    chance: () => 0,
    connect,
  });
  client.disconnect('127.0.0.1:1', { holdOffMs: 0xff_ffff * 1000 });
  client.connect();
  expect(connect).not.toHaveBeenCalled();
  expect(started.mock.calls.map(([, waitMs]) => waitMs)).toEqual([TIMER_MS_MAX, TIMER_MS_MAX]);
  await client.close();
});

test.each([
  ['a path with a space', 'coap+ws', { webSocket: { path: '/a b' } }],
  ['a header with a line break', 'coap+ws', { webSocket: { headers: { A: 'b\r\nC: d' } } }],
  ['a certificate that is none', 'coaps+tcp', { tls: { identity: { certificate: 'none', privateKey: 'none' } } }],
])('%s is refused when a client is opened, not thrown at nobody when it connects', async (_name, scheme, options) => {
  await expect(openStreamClient({ remote: `${scheme}://127.0.0.1:1`, ...options })).rejects.toThrow();
});
