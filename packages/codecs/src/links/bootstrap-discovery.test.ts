import { DecodeError, decodeUtf8, encodeUtf8 } from '@motestack/bytes';
import { parsePath } from '@motestack/model';
import suite from '@motestack/test-vectors/link-format.json' with { type: 'json' };
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BootstrapDiscovery, decodeBootstrapDiscovery, encodeBootstrapDiscovery } from './bootstrap-discovery.ts';

const rows = suite.vectors as unknown as readonly {
  readonly id: string;
  readonly kind: string;
  readonly text: string;
}[];
const valid = rows.filter(({ id, kind }) => kind === 'valid' && (id.startsWith('b-') || id === 'ets-0'));
const read = (text: string): BootstrapDiscovery => decodeBootstrapDiscovery(encodeUtf8(text));

const codeOf = (decode: () => unknown): string | undefined => {
  try {
    decode();
    return undefined;
  } catch (error) {
    if (DecodeError.is(error)) return error.code;
    throw error;
  }
};

describe('decodeBootstrapDiscovery', () => {
  test('the account of the bootstrap server is the instance of object 0 without ssid', () => {
    const text =
      '</>;lwm2m=1.1,</0/0>;ssid=101;uri="coaps://server_1.example.com",</0/1/>,</1/0/>;ssid=101,</5>,</55>;ver=1.9';
    expect(read(text)).toEqual({
      lwm2mVersion: '1.1',
      nodes: [
        { path: parsePath('/0/0'), shortServerId: 101, uri: 'coaps://server_1.example.com' },
        { path: parsePath('/0/1') },
        { path: parsePath('/1/0'), shortServerId: 101 },
        { path: parsePath('/5') },
        { path: parsePath('/55'), version: '1.9' },
      ],
    });
  });

  test('there are vectors', () => {
    expect(valid.length).toBeGreaterThanOrEqual(6);
  });

  test.each(valid)('$id comes back', ({ text }) => {
    const written = decodeUtf8(encodeBootstrapDiscovery(read(text)));
    expect(written).toBe(text.replaceAll('/>', '>').replace('<>', '</>').replace('lwm2m="1.1"', 'lwm2m=1.1'));
  });

  test.each(valid)('every prefix of $id is decoded or rejected', ({ text }) => {
    for (let end = 0; end < text.length; end++) expect(() => codeOf(() => read(text.slice(0, end)))).not.toThrow();
  });

  test('the draft’s form, with the version before the links, is no link-format', () => {
    const legacy = rows.find(({ id }) => id === 'b-legacy');
    expect(codeOf(() => read(legacy?.text ?? ''))).toBe('bad-syntax');
  });

  test.each(['</0/0>;ssid=x', '</0/0>;ssid=123456', '</0/0>;ssid=""', '</>;lwm2m=one'])(
    '%s has a value that is none',
    (text) => {
      expect(codeOf(() => read(text))).toBe('bad-value');
    },
  );

  test('links to resources, to elsewhere and to nothing are left out', () => {
    expect(read('</0/0/1>;ssid=1,</a>,<coap://x/3>,</3/0>')).toEqual({
      lwm2mVersion: undefined,
      nodes: [{ path: parsePath('/3/0') }],
    });
  });

  test('any bytes are decoded or rejected', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        codeOf(() => decodeBootstrapDiscovery(bytes));
      }),
    );
  });

  test('what is encoded is decoded again', () => {
    const node = fc.record(
      {
        path: fc.record({ objectId: fc.nat(65_534), objectInstanceId: fc.nat(65_534) }),
        version: fc.constantFrom('1.1', '2.0'),
        shortServerId: fc.integer({ min: 1, max: 65_534 }),
        uri: fc.constantFrom('coap://a', 'coaps://[2001:db8::1]:5684', 'coaps+tcp://a.example/;x,"y'),
      },
      { requiredKeys: ['path'] },
    );
    fc.assert(
      fc.property(fc.array(node, { maxLength: 8 }), fc.constantFrom('1.0', '1.2', undefined), (nodes, lwm2mVersion) => {
        expect(decodeBootstrapDiscovery(encodeBootstrapDiscovery({ lwm2mVersion, nodes }))).toEqual({
          lwm2mVersion,
          nodes,
        });
      }),
    );
  });
});
