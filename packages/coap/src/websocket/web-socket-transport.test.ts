import { describe, expect, test } from 'vitest';
import { type StandardWebSocketEvent, webSocketTransport } from './web-socket-transport.ts';

/** A WebSocket of no platform. */
function fakeSocket(readyState = 0, protocol = 'coap') {
  const listeners = new Map<string, (event: StandardWebSocketEvent) => void>();
  const log: string[] = [];
  const socket = {
    binaryType: 'blob',
    url: 'wss://example.org/.well-known/coap',
    protocol,
    readyState,
    bufferedAmount: 0,
    send: (data: ArrayBuffer) => log.push(`send ${new Uint8Array(data)}`),
    close: (code?: number) => log.push(`close ${code}`),
    addEventListener: (type: string, listener: (event: StandardWebSocketEvent) => void) =>
      listeners.set(type, listener),
  };
  const tell = (type: string, event: Partial<StandardWebSocketEvent> = {}) => {
    if (type === 'open') socket.readyState = 1;
    if (type === 'close') socket.readyState = 3;
    listeners.get(type)?.({ type, ...event });
  };
  const transport = webSocketTransport(socket, { writeQueueBytesMax: 10 });
  const open = () =>
    transport.open({
      connected: (peer) => log.push(`connected ${peer}`),
      bytes: (_peer, chunk) => log.push(`bytes ${chunk}`),
      disconnected: (_peer, cause) => log.push(`disconnected ${cause?.message}`),
      closed: (cause) => log.push(`closed ${cause}`),
    });
  return { socket, transport, tell, open, log };
}

describe('webSocketTransport', () => {
  test('carries messages both ways', () => {
    const { socket, transport, tell, open, log } = fakeSocket();
    open();
    tell('open');
    transport.send(socket.url, Uint8Array.of(9, 1, 2).subarray(1));
    tell('message', { data: Uint8Array.of(3, 4).buffer });
    expect(log).toEqual([`connected ${socket.url}`, 'send 1,2', 'bytes 3,4']);
    expect([socket.binaryType, transport.framing, transport.remote]).toEqual(['arraybuffer', 'message', socket.url]);
  });

  test('a socket that is open already is taken as it is; one that is closed is told as such', () => {
    const opened = fakeSocket(1);
    opened.open();
    opened.tell('open');
    expect(opened.log).toHaveLength(1);
    const closed = fakeSocket(3);
    closed.open();
    expect(closed.log).toEqual(['disconnected the WebSocket was closed with 1006']);
    closed.transport.connect?.();
    expect(closed.log).toHaveLength(2);
  });

  test('another subprotocol and text are refused', () => {
    const other = fakeSocket(0, '');
    other.open();
    other.tell('open');
    expect(other.log[0]).toBe('close 1000');
    const text = fakeSocket(1);
    text.open();
    text.tell('message', { data: 'text' });
    expect(text.log.at(-1)).toMatch(/^disconnected a text message/);
    text.tell('message', { data: Uint8Array.of(1).buffer });
    expect(text.log).toHaveLength(3);
  });

  test('writeQueueBytesMax: so many bytes may wait, and no more', () => {
    const { socket, transport, open, log } = fakeSocket(1);
    open();
    socket.bufferedAmount = 8;
    transport.send(socket.url, Uint8Array.of(1, 2));
    expect(log.at(-1)).toBe('send 1,2');
    transport.send(socket.url, Uint8Array.of(1, 2, 3));
    expect(log.at(-1)).toMatch(/^disconnected more than 10 bytes/);
    transport.send(socket.url, Uint8Array.of(1));
    expect(log.at(-1)).toMatch(/^disconnected/);
  });

  test('the end is told with its code', () => {
    const { tell, open, log } = fakeSocket(1);
    open();
    tell('close', { code: 1001, reason: 'away' });
    expect(log.at(-1)).toBe('disconnected the WebSocket was closed with 1001: away');
  });

  test('close waits for the socket, and tells its end once', async () => {
    const { transport, tell, open, log } = fakeSocket(1);
    open();
    const closed = transport.close();
    expect(transport.close()).toBe(closed);
    tell('close', { code: 1000 });
    await closed;
    expect(log.slice(1)).toEqual(['close 1000', 'closed undefined']);
  });

  test('a closed one is closed at once', async () => {
    const { transport, open, log } = fakeSocket(3);
    open();
    expect(open).toThrow();
    await transport.close();
    expect(log.at(-1)).toBe('closed undefined');
  });
});
