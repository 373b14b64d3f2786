import { createSocket } from 'node:dgram';
import { describe, expect, test } from 'vitest';
import type { ObserverRelation } from '../index.ts';
import { tracePrinter } from '../trace/index.ts';
import { openCoapClient, openCoapEndpoint } from './index.ts';

const content = (text: string) => ({ code: 0x45, payload: new TextEncoder().encode(text) });

async function echoServer() {
  const relations: ObserverRelation[] = [];
  const server = await openCoapEndpoint({
    url: 'coap://127.0.0.1:0',
    handler: (request) => {
      if (request.observe === 0) relations.push(request.acceptObserver());
      return content(`${request.method} /${request.path.join('/')}`);
    },
  });
  return { server, relations };
}

describe('openCoapClient', () => {
  test('one server', async () => {
    const { server, relations } = await echoServer();
    const client = await openCoapClient(`${server.localUrl}/base/`);
    expect((await client.get('x')).text()).toBe('GET /base/x');
    expect((await client.post(`${server.localUrl}/y`, 'text')).text()).toBe('POST /y');
    await client.ping();
    await expect(client.get('coap://127.0.0.1:9/')).rejects.toThrow('this client talks to');
    await expect(client.get('coaps://127.0.0.1/')).rejects.toThrow(TypeError);
    const seen: string[] = [];
    for await (const response of client.observe('/z')) {
      seen.push(response.text());
      if (seen.length === 2) break;
      relations[0]?.notify(content('changed'));
    }
    expect(seen).toEqual(['GET /z', 'changed']);
    await client.close({ timeoutMs: 1000 });
    expect(relations[0]?.signal.aborted).toBe(true);
    await server.close();
  });

  test('any server', async () => {
    const { server } = await echoServer();
    const client = await openCoapClient();
    const { port } = new URL(server.localUrl.replace('coap:', 'http:'));
    expect((await client.get(`${server.localUrl}/x`)).text()).toBe('GET /x');
    expect((await client.get(`coap://127.0.0.1:${port}/y`)).text()).toBe('GET /y');
    await expect(client.get('/x')).rejects.toThrow(TypeError);
    await expect(client.get('coaps://127.0.0.1/')).rejects.toThrow('coaps:// needs a transport of its own');
    await client.close();
    await server.close();
  });

  test('nobody there', async () => {
    const socket = createSocket('udp4');
    const port = await new Promise<number>((resolve) =>
      socket.bind(0, '127.0.0.1', () => resolve(socket.address().port)),
    );
    await new Promise<void>((resolve) => socket.close(resolve));
    const client = await openCoapClient(`coap://127.0.0.1:${port}`);
    await expect(client.get('/')).rejects.toMatchObject({ code: 'peer-unreachable' });
    await client.close();
  });

  test.each(['coaps://127.0.0.1'])('%s is for later', async (url) => {
    await expect(openCoapClient(url)).rejects.toThrow(TypeError);
  });

  test('interceptors see what goes and comes, on both sides', async () => {
    const lines: string[] = [];
    const server = await openCoapEndpoint({
      url: 'coap://127.0.0.1:0',
      handler: () => content('x'),
      interceptors: [tracePrinter((line) => lines.push(`server ${line}`))],
    });
    const client = await openCoapClient(server.localUrl, {
      interceptors: [tracePrinter((line) => lines.push(`client ${line}`))],
    });
    await client.get('/a');
    await client.close();
    await server.close();
    const words = lines.map((line) => /^(\w+) .* (CON|ACK), MID:\d+, ([^,]+)/.exec(line)?.slice(1).join(' '));
    expect(words).toEqual(['client CON GET', 'server CON GET', 'server ACK 2.05 Content', 'client ACK 2.05 Content']);
  });

  test('what cannot be', async () => {
    await expect(openCoapClient('127.0.0.1')).rejects.toMatchObject({ code: 'bad-syntax' });
    await expect(openCoapClient('coap://127.0.0.1', { parameters: { nstart: 0 } })).rejects.toThrow(RangeError);
  });
});
