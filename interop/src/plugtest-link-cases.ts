import { parseLinkFormat } from '@motestack/link-format';
import { expect } from 'vitest';
import type { CoapCaller, CoapCase } from './coap-caller.ts';

const LINK_FORMAT = 40;

async function links(caller: CoapCaller, path: readonly string[], query: readonly string[]): Promise<string[]> {
  const answer = await caller.request({ method: 'GET', path, query });
  expect([answer.code, answer.contentFormat]).toEqual(['2.05', LINK_FORMAT]);
  return parseLinkFormat(Buffer.from(answer.payload).toString()).map(({ target }) => target);
}

function filtered(name: string, query: string, some: readonly string[], none: readonly string[]): CoapCase {
  const run = async (caller: CoapCaller): Promise<void> => {
    const found = await links(caller, ['.well-known', 'core'], query === '' ? [] : [query]);
    expect(found).toEqual(expect.arrayContaining([...some]));
    for (const target of none) expect(found).not.toContain(target);
  };
  return { name: `${name}: /.well-known/core${query === '' ? '' : `?${query}`}`, run };
}

/** TD_COAP_LINK_01 to 09. */
export const plugtestLinkCases: readonly CoapCase[] = [
  filtered('TD_COAP_LINK_01', '', ['/test', '/large', '/link1', '/link2', '/link3', '/path'], []),
  filtered('TD_COAP_LINK_02', 'rt=Type1', ['/link1', '/link3'], ['/link2', '/test']),
  filtered('TD_COAP_LINK_03', 'rt=*', ['/link1', '/link2', '/link3'], ['/test']),
  filtered('TD_COAP_LINK_04', 'rt=Type2', ['/link1', '/link2'], ['/link3', '/test']),
  filtered('TD_COAP_LINK_05', 'if=If*', ['/link1', '/link2'], ['/link3', '/test']),
  filtered('TD_COAP_LINK_06', 'sz=*', ['/large'], ['/link1', '/test']),
  filtered('TD_COAP_LINK_07', 'href=/link1', ['/link1'], ['/link2', '/test']),
  filtered('TD_COAP_LINK_08', 'href=/link*', ['/link1', '/link2', '/link3'], ['/test']),
  {
    name: 'TD_COAP_LINK_09: links of links',
    run: async (caller) => {
      expect(await links(caller, ['.well-known', 'core'], ['ct=40'])).toContain('/path');
      expect(await links(caller, ['path'], [])).toContain('/path/sub1');
      expect((await caller.request({ method: 'GET', path: ['path', 'sub1'] })).code).toBe('2.05');
    },
  },
];
