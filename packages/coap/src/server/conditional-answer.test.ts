import { describe, expect, test } from 'vitest';
import { pair, SERVER } from '../coap-endpoint.fixture.ts';
import { defaultEndpointParameters } from '../endpoint/endpoint-parameters.ts';
import { Method, type Option, OptionNumber } from '../wire/index.ts';
import { conditionalAnswer, conditionalOptions } from './conditional-answer.ts';

const { IfMatch, IfNoneMatch, ETag } = OptionNumber;
const [A, B] = [Uint8Array.of(1), Uint8Array.of(2, 2)];
const option = (number: number, value = new Uint8Array(0)): Option => ({ number, value });

describe('conditions (RFC 7252 §5.10.8)', () => {
  test.each([
    ['If-Match with the ETag', Method.Put, [option(IfMatch, A)], { eTag: A }, undefined],
    ['If-Match with another', Method.Put, [option(IfMatch, B)], { eTag: A }, 0x8c],
    [
      'If-Match with several, one of them right',
      Method.Put,
      [option(IfMatch, B), option(IfMatch, A)],
      { eTag: A },
      undefined,
    ],
    ['If-Match of a prefix', Method.Put, [option(IfMatch, Uint8Array.of(2))], { eTag: B }, 0x8c],
    ['If-Match empty, something there', Method.Put, [option(IfMatch)], {}, undefined],
    ['If-Match empty, nothing there', Method.Put, [option(IfMatch)], undefined, 0x8c],
    ['If-None-Match, something there', Method.Put, [option(IfNoneMatch)], {}, 0x8c],
    ['If-None-Match, nothing there', Method.Put, [option(IfNoneMatch)], undefined, undefined],
    ['both never hold, nothing there', Method.Put, [option(IfMatch, A), option(IfNoneMatch)], undefined, 0x8c],
    ['ETag that holds', Method.Get, [option(ETag, B), option(ETag, A)], { eTag: A, maxAgeSeconds: 5 }, 0x43],
    ['ETag that does not', Method.Get, [option(ETag, B)], { eTag: A }, undefined],
    ['ETag of a PUT means nothing', Method.Put, [option(ETag, A)], { eTag: A }, undefined],
    ['nothing asked', Method.Get, [], { eTag: A }, undefined],
  ])('%s', (_name, code, options, current, expected) => {
    expect(conditionalAnswer({ code, options }, current)?.code).toBe(expected);
  });
});

test('with `conditionalOptions` they come to the handler; without, they get 4.02', async () => {
  const criticalOptions = [...defaultEndpointParameters.criticalOptions, ...conditionalOptions];
  const asked = { method: 'PUT', options: [option(IfNoneMatch)] } as const;
  for (const [parameters, expected] of [
    [{ criticalOptions }, 0x8c],
    [{}, 0x82],
  ] as const) {
    const { network, client } = pair((request) => conditionalAnswer(request, {}) ?? { code: 0x44 }, {}, parameters);
    expect((await network.settle(client.request(SERVER, asked))).code).toBe(expected);
  }
});
