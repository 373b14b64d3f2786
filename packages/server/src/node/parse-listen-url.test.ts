import { describe, expect, test } from 'vitest';
import { parseListenUrl } from './parse-listen-url.ts';

describe('parseListenUrl', () => {
  test.each([
    ['coap://[::]:5683', 'coap', '::', 5683],
    ['coap://127.0.0.1', 'coap', '127.0.0.1', 5683],
    ['coap://localhost:0/', 'coap', 'localhost', 0],
    ['coaps://[::]', 'coaps', '::', 5684],
    ['coaps://127.0.0.1:1', 'coaps', '127.0.0.1', 1],
    ['coap+tcp://[::]', 'coap+tcp', '::', 5683],
    ['coaps+tcp://[::]:9', 'coaps+tcp', '::', 9],
    ['coaps+tcp://localhost', 'coaps+tcp', 'localhost', 5684],
    ['coap+ws://localhost', 'coap+ws', 'localhost', 80],
    ['coap+ws://localhost:80', 'coap+ws', 'localhost', 80],
    ['coaps+ws://[::1]', 'coaps+ws', '::1', 443],
  ])('%s', (url, scheme, host, port) => {
    expect(parseListenUrl(url)).toEqual({ scheme, host, port });
  });

  test.each([
    'ftp://localhost',
    'localhost:5683',
    'coap://',
    'coap://a/b',
    'coap+tcp://a?b',
    'coap://u@a',
    'tcp://a',
    '',
  ])('refuses %j', (url) => {
    expect(() => parseListenUrl(url)).toThrow(TypeError);
  });

  test.each([
    ['coap+sms://12345', 'binding S (SMS)'],
    ['coap+nidd://x', 'binding N (Non-IP)'],
    ['mqtt://broker', 'binding M (MQTT)'],
    ['https://example.com', 'binding H (HTTP)'],
  ])('%s is answered by the name of its binding [LwM2M Transport 1.2 §6.2]', (url, name) => {
    expect(() => parseListenUrl(url)).toThrow(`${name} needs a transport of yours`);
  });
});
