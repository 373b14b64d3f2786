import { DecodeError, decodeUtf8 } from '@motestack/bytes';
import { vectors } from '@motestack/testkit';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { Option } from './message.ts';
import { encodeStringOption, encodeUintOption } from './option-access.ts';
import { OptionNumber } from './option-number.ts';
import { type CoapScheme, DEFAULT_PORTS, formatCoapUri, parseCoapUri } from './uri.ts';

interface Row {
  id: string;
  compose?: { address: string; port: number; options: [number, string][] };
  uri?: string;
  decompose?: string;
  options?: [number, string][];
}

const rows = vectors<{ uri: Row[] }>('coap-messages').uri;
const composed = rows.flatMap(({ id, compose, uri }) => (compose && uri ? [{ id, ...compose, uri }] : []));
const decomposed = rows.flatMap(({ id, decompose, options }) =>
  decompose && options ? [{ id, decompose, options }] : [],
);

function readable(options: readonly Option[]): [number, string][] {
  return options.map(({ number, value }) => [number, decodeUtf8(value)]);
}

function written(options: readonly [number, string][]): Option[] {
  return options.map(([number, text]) => encodeStringOption(number, text));
}

describe('formatCoapUri', () => {
  test('every row is used', () => {
    expect(composed.length + decomposed.length).toBe(rows.length);
  });

  test.each(composed)('$id $uri', ({ address, port, options, uri }) => {
    expect(formatCoapUri(written(options), { scheme: 'coap', host: address, port })).toBe(uri);
    // And back: the options are those of the request, but for the destination that the URI now holds.
    expect(readable(parseCoapUri(uri).options)).toEqual(options);
  });

  test('Uri-Port counts more than the destination', () => {
    const destination = { scheme: 'coaps', host: '127.0.0.1', port: 7000 } as const;
    expect(formatCoapUri([encodeUintOption(OptionNumber.UriPort, 5684)], destination)).toBe('coaps://127.0.0.1/');
    expect(formatCoapUri([encodeUintOption(OptionNumber.UriPort, 5683)], destination)).toBe('coaps://127.0.0.1:5683/');
  });

  test.each([
    ['[2001:db8::1]', 'coap://[2001:db8::1]/'],
    ['192.0.2.1', 'coap://192.0.2.1/'],
    ['bücher.example', 'coap://b%C3%BCcher.example/'],
  ])('a Uri-Host of %s', (host, uri) => {
    const options = [encodeStringOption(OptionNumber.UriHost, host)];
    expect(formatCoapUri(options, { scheme: 'coap', host: '127.0.0.1', port: 5683 })).toBe(uri);
  });

  test.each([
    ['fe80::1%eth0', 'coap://[fe80::1%25eth0]/'],
    ['fe80::1%a b%c', 'coap://[fe80::1%25a%20b%25c]/'],
  ])('an address with a zone, %s (RFC 6874 §2), and back', (host, uri) => {
    expect(formatCoapUri([], { scheme: 'coap', host, port: 5683 })).toBe(uri);
    expect(parseCoapUri(uri)).toMatchObject({ host, options: [] });
  });

  test.each(['', 'a b', 'a/b', 'a@b', 'a:1', '[1', 'a%2'])('a Uri-Host of %j is refused', (host) => {
    const options = [encodeStringOption(OptionNumber.UriHost, host)];
    const destination = { scheme: 'coap', host: '127.0.0.1', port: 5683 } as const;
    expect(() => formatCoapUri(options, destination)).toThrow(
      expect.objectContaining({ code: 'bad-value', section: 'RFC 7252 §6.5' }),
    );
  });
});

describe('parseCoapUri', () => {
  test.each(decomposed)('$id $decompose', ({ decompose, options }) => {
    const uri = parseCoapUri(decompose);
    expect(readable(uri.options)).toEqual(options);
    expect(uri).toMatchObject({ scheme: 'coap', host: 'example.com', port: 5683 });
  });

  test.each(Object.entries(DEFAULT_PORTS))('%s has port %i', (scheme, port) => {
    expect(parseCoapUri(`${scheme.toUpperCase()}://h`)).toMatchObject({ scheme, port });
    expect(parseCoapUri(`${scheme}://h:61616`)).toMatchObject({ scheme, port: 61616 });
  });

  test.each([
    ['coap://[2001:DB8::1]:1/', '2001:db8::1', []],
    ['coap://[FE80::1%25vEth]/', 'fe80::1%vEth', []],
    ['coap://192.0.2.255', '192.0.2.255', []],
    ['coap://192.0.2.256', '192.0.2.256', [[3, '192.0.2.256']]],
    [
      'coap://h?',
      'h',
      [
        [3, 'h'],
        [15, ''],
      ],
    ],
    [
      'coap://h//',
      'h',
      [
        [3, 'h'],
        [11, ''],
        [11, ''],
      ],
    ],
    [
      'coap://h/a/?x=1&y=%26#'.slice(0, -1),
      'h',
      [
        [3, 'h'],
        [11, 'a'],
        [11, ''],
        [15, 'x=1'],
        [15, 'y=&'],
      ],
    ],
    ['coap://%C3%BC.example', 'ü.example', [[3, 'ü.example']]],
  ])('%s', (text, host, options) => {
    const uri = parseCoapUri(text);
    expect(uri.host).toBe(host);
    expect(readable(uri.options)).toEqual(options);
  });

  test.each([
    ['', 'bad-syntax'],
    ['/3/0', 'bad-syntax'],
    ['coap:h', 'bad-syntax'],
    ['coap://', 'bad-syntax'],
    ['coap:///a', 'bad-syntax'],
    ['coap://h#', 'bad-syntax'],
    ['coap://h/#a', 'bad-syntax'],
    ['coap://u@h/', 'bad-syntax'],
    ['coap://h:1:2/', 'bad-syntax'],
    ['coap://h:a/', 'bad-syntax'],
    ['coap://[]/', 'bad-syntax'],
    ['coap://[h]/', 'bad-syntax'],
    ['coap://h /', 'bad-syntax'],
    ['coap://h/ü', 'bad-syntax'],
    ['coap://h/%2', 'bad-syntax'],
    ['coap://h/a b', 'bad-syntax'],
    ['coap://h/?"', 'bad-syntax'],
    ['coap://%ff/', 'bad-utf8'],
    ['http://h/', 'bad-value'],
    ['constructor://h/', 'bad-value'],
    ['coap://h:65536/', 'bad-value'],
  ])('%j is refused', (text, code) => {
    expect(() => parseCoapUri(text)).toThrow(expect.objectContaining({ name: 'DecodeError', code }));
  });

  test.each<[string, (text: string) => string]>([
    ['host', (text) => `coap://${text}/`],
    ['segment', (text) => `coap://h/${text}`],
    ['argument', (text) => `coap://h/?${text}`],
  ])('a %s of 255 bytes fits, one of 256 does not', (_part, uri) => {
    expect(parseCoapUri(uri('a'.repeat(255))).options.at(-1)?.value).toHaveLength(255);
    expect(() => parseCoapUri(uri('a'.repeat(256)))).toThrow(expect.objectContaining({ code: 'too-long' }));
  });
});

describe('properties', () => {
  const scheme = fc.constantFrom<CoapScheme>('coap', 'coaps', 'coap+tcp', 'coaps+tcp', 'coap+ws', 'coaps+ws');
  const texts = fc.array(fc.string({ unit: 'binary', maxLength: 12 }), { maxLength: 4 });

  test('what a request means is what its URI asks for', () => {
    fc.assert(
      fc.property(scheme, fc.nat(0xffff), texts, texts, (chosen, port, path, query) => {
        // One empty segment cannot be told from none: both are "/" (RFC 7252 §6.4, step 8).
        const segments = path.length === 1 && path[0] === '' ? [] : path;
        const options: [number, string][] = [
          ...segments.map((text): [number, string] => [OptionNumber.UriPath, text]),
          ...query.map((text): [number, string] => [OptionNumber.UriQuery, text]),
        ];
        const uri = formatCoapUri(written(options), { scheme: chosen, host: '::1', port });
        const parsed = parseCoapUri(uri);
        expect(parsed).toMatchObject({ scheme: chosen, host: '::1', port });
        expect(parsed.options).toEqual(written(options));
      }),
    );
  });

  test('any text is read or refused', () => {
    const soup = fc.array(
      fc.constantFrom('coap', '://', ':', '/', '?', '#', '%7e', '%', '[', ']', '::1', 'h', '&', 'ü'),
    );
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          soup.map((parts) => `coap://${parts.join('')}`),
        ),
        (text) => {
          try {
            const uri = parseCoapUri(text);
            expect(parseCoapUri(formatCoapUri(uri.options, uri))).toEqual(uri);
          } catch (error) {
            if (!DecodeError.is(error)) throw error;
          }
        },
      ),
      { numRuns: 1000 },
    );
  });
});
