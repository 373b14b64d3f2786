import { describe, expect, test } from 'vitest';
import { SERVER } from '../coap-endpoint.fixture.ts';
import { body, mixedPair, qBlockPair } from './q-block.fixture.ts';

describe('Non-confirmable bodies over a link that loses nothing', () => {
  test('four blocks of a request go at once (RFC 9177 §10.1.1)', async () => {
    const received: Uint8Array[] = [];
    const { network, client, seen } = qBlockPair(({ payload }) => {
      received.push(payload);
      return { code: 0x44 };
    });
    const payload = body(1, 4000);
    const init = { method: 'PUT', path: ['path'], payload, confirmable: false } as const;
    const response = await network.settle(client.request(SERVER, init));
    expect(response.code).toBe(0x44);
    expect(received).toEqual([payload]);
    expect(seen).toEqual([
      '> NON 0.03 QB1:0/1/1024',
      '> NON 0.03 QB1:1/1/1024',
      '> NON 0.03 QB1:2/1/1024',
      '> NON 0.03 QB1:3/0/1024',
      '< NON 2.04',
    ]);
    expect(network.clock.now()).toBe(20);
  });

  test('2.31 after each MAX_PAYLOADS_SET lets the next one go (RFC 9177 §10.1.2)', async () => {
    const { network, client, seen } = qBlockPair(() => ({ code: 0x44 }));
    const init = { method: 'PUT', path: ['path'], payload: body(1, 10_300), confirmable: false } as const;
    await network.settle(client.request(SERVER, init));
    expect(seen.slice(9)).toEqual(['> NON 0.03 QB1:9/1/1024', '< NON 2.31', '> NON 0.03 QB1:10/0/1024', '< NON 2.04']);
    expect(network.clock.now()).toBe(40);
  });

  test('eleven blocks of a response, with Continue (RFC 9177 §10.2.2)', async () => {
    const payload = body(2, 10_300);
    const { network, client, seen } = qBlockPair(() => ({ code: 0x45, payload }));
    const response = await network.settle(
      client.request(SERVER, { method: 'GET', path: ['path'], confirmable: false }),
    );
    expect(response.payload).toEqual(payload);
    expect([seen[0], ...seen.slice(9)]).toEqual([
      '> NON 0.01 QB2:0/1/1024',
      '< NON 2.05 QB2:8/1/1024',
      '< NON 2.05 QB2:9/1/1024',
      '> NON 0.01 QB2:10/1/1024',
      '< NON 2.05 QB2:10/0/1024',
    ]);
    expect(network.clock.now()).toBe(40);
  });

  test('both ways in one request (RFC 9177 §10.3.1)', async () => {
    const { network, client } = qBlockPair(({ payload }) => ({ code: 0x45, payload: payload.toReversed() }));
    const payload = body(3, 12_000);
    const init = { method: 'FETCH', path: ['path'], payload, confirmable: false } as const;
    const response = await network.settle(client.request(SERVER, init));
    expect(response.payload).toEqual(payload.toReversed());
  });
});

describe('Confirmable bodies', () => {
  test('each block goes when the one before is acknowledged', async () => {
    const payload = body(4, 3000);
    const { network, client, seen } = qBlockPair((request) => ({ code: 0x44, payload: request.payload }));
    const response = await network.settle(client.request(SERVER, { method: 'POST', path: ['path'], payload }));
    expect(response.payload).toEqual(payload);
    await network.run(1000);
    expect(seen).toEqual([
      '> CON 0.02 QB1:0/1/1024',
      '< ACK 0.00',
      '> CON 0.02 QB1:1/1/1024',
      '< ACK 0.00',
      '> CON 0.02 QB1:2/0/1024',
      '< ACK 2.04 QB2:0/1/1024',
      '< CON 2.04 QB2:1/1/1024',
      '> ACK 0.00',
      '< CON 2.04 QB2:2/0/1024',
      '> ACK 0.00',
    ]);
  });
});

describe('a peer that does not know Q-Block', () => {
  test('a request without body goes again without the option, and no later one has it', async () => {
    const { network, client, seen } = mixedPair(() => ({ code: 0x45, payload: body(5, 1500) }));
    for (let count = 0; count < 2; count++) {
      const response = await network.settle(client.request(SERVER, { method: 'GET', path: ['path'] }));
      expect(response.payload).toEqual(body(5, 1500));
    }
    expect(seen).toEqual([
      '> CON 0.01 QB2:0/1/1024',
      '< ACK 4.02',
      '> CON 0.01',
      '< ACK 2.05 B2:0/1/1024',
      '> CON 0.01 B2:1/0/1024',
      '< ACK 2.05 B2:1/0/1024',
      '> CON 0.01',
      '< ACK 2.05 B2:0/1/1024',
      '> CON 0.01 B2:1/0/1024',
      '< ACK 2.05 B2:1/0/1024',
    ]);
  });

  test('a body goes in Block1 after its first block was refused, Confirmable also where it was not to be', async () => {
    const received: Uint8Array[] = [];
    const { network, client, seen, log } = mixedPair(({ payload }) => {
      received.push(payload);
      return { code: 0x44 };
    });
    const init = { method: 'PUT', path: ['path'], payload: body(6, 2000), confirmable: false } as const;
    expect((await network.settle(client.request(SERVER, init))).code).toBe(0x44);
    expect(received).toEqual([init.payload]);
    expect(seen.slice(0, 3)).toEqual(['> CON 0.03 QB1:0/1/1024', '< ACK 4.02', '> CON 0.03 B1:0/1/1024']);
    expect(client.qBlockStats().qBlockFallbacks).toBe(1);
    expect(log).toEqual([]);
  });
});
