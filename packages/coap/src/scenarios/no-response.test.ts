import { encodeUtf8 } from '@motestack/bytes';
import { describe, expect, test } from 'vitest';
import { pair, SERVER } from '../coap-endpoint.fixture.ts';
import { encodeUint, OptionNumber } from '../wire/index.ts';

const noResponse = (value: number) => [{ number: OptionNumber.NoResponse, value: encodeUint(value) }];
const PUT = { method: 'PUT', path: ['x'], payload: encodeUtf8('1') } as const;

describe('a server heeds No-Response (RFC 7967 §2)', () => {
  test.each([
    ['2.04 is not wanted', 2, 0x44, true],
    ['2.04 is wanted, others are not', 24, 0x44, false],
    ['4.04 is not wanted', 8, 0x84, true],
    ['5.00 is not wanted, nor any other', 26, 0xa0, true],
    ['everything is wanted', 0, 0x44, false],
  ])('%s', async (_name, value, code, isSilent) => {
    const sentAt: string[] = [];
    const { network, client, server, seen } = pair(() => ({ code, whenSent: () => sentAt.push('sent') }));
    const init = { ...PUT, confirmable: false, options: noResponse(value) };
    const asked = client.request(SERVER, init, { timeoutMs: 1000 }).then(
      (response) => response.code,
      (error) => error.code,
    );
    expect(await network.settle(asked)).toBe(isSilent ? 'timeout' : code);
    expect(seen.filter((line) => line.startsWith('server'))).toHaveLength(isSilent ? 0 : 1);
    expect(server.stats()).toMatchObject({ answersSuppressed: isSilent ? 1 : 0, serverExchanges: 0 });
    expect(sentAt).toEqual(['sent']);
  });

  test('a Confirmable request still gets its Acknowledgement, at once or later, and its duplicate the same', async () => {
    const late = { delay: 0 };
    const { network, client, seen } = pair(
      () => new Promise((done) => network.clock.schedule(network.clock.now() + late.delay, () => done({ code: 0x44 }))),
      { duplication: 1 },
    );
    for (late.delay of [0, 1000]) await network.settle(client.tell(SERVER, PUT));
    await network.run(network.clock.now() + 5000);
    const answers = seen.filter((line) => line.startsWith('server') && !line.endsWith('duplicated'));
    expect(new Set(answers.map((line) => line.split(' ').slice(1, 3).join(' ')))).toEqual(new Set(['ACK 0.00']));
  });

  test('a refusal of the endpoint itself is suppressed too', async () => {
    const { network, client, seen } = pair(() => ({ code: 0x44 }));
    const critical = { number: 65_001, value: new Uint8Array(0) };
    await network.settle(client.tell(SERVER, { ...PUT, options: [critical] }));
    expect(seen.map((line) => line.split(' ').slice(0, 3).join(' '))).toEqual(['client CON 0.03', 'server ACK 0.00']);
  });

  test('2.31 is not suppressed: the body arrives', async () => {
    let length = 0;
    const { network, client } = pair((request) => {
      length = request.payload.length;
      return { code: 0x44 };
    });
    const payload = new Uint8Array(3000);
    const init = { method: 'PUT', payload, options: noResponse(26) } as const;
    await network.settle(client.request(SERVER, init, { timeoutMs: 1000 }).catch(() => undefined));
    expect(length).toBe(3000);
  });
});

describe('a client tells (RFC 7967 §2.1)', () => {
  test('Confirmable: resolves with the Acknowledgement; Non-confirmable: at once; nothing is left', async () => {
    const { network, client } = pair(() => ({ code: 0x44 }));
    expect(await network.settle(client.tell(SERVER, PUT))).toBeUndefined();
    expect(await network.settle(client.tell(SERVER, { ...PUT, confirmable: false }), 1)).toBeUndefined();
    expect(client.stats().clientExchanges).toBe(0);
  });

  test('classes that are wanted come, and without one it resolves when the time is over', async () => {
    let code = 0x84;
    const { network, client } = pair(() => ({ code }));
    const told = () => client.tell(SERVER, { ...PUT, confirmable: false }, { unwanted: [2], timeoutMs: 4000 });
    expect((await network.settle(told()))?.code).toBe(0x84);
    code = 0x44;
    const from = network.clock.now();
    expect(await network.settle(told())).toBeUndefined();
    expect(network.clock.now() - from).toBeGreaterThanOrEqual(4000);
  });

  test('a Confirmable one that nobody acknowledges fails', async () => {
    const { network, client } = pair(undefined, { loss: 1 });
    await expect(network.settle(client.tell(SERVER, PUT), 200_000)).rejects.toMatchObject({ code: 'timeout' });
    expect(client.stats()).toMatchObject({ clientExchanges: 0, transmissions: 0 });
    expect(network.clock.now()).toBeLessThanOrEqual(100_000);
  });

  test('a payload beyond one block is refused', async () => {
    const { client, network } = pair(undefined);
    const asked = client.tell(SERVER, { method: 'PUT', payload: new Uint8Array(1025) });
    await expect(network.settle(asked)).rejects.toBeInstanceOf(RangeError);
  });
});
