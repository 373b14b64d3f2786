import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeUtf8, fromHex } from '@motestack/bytes';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { DeviceSecurity } from '../security/security-store.ts';
import { JsonFileSecurityStore } from './json-file-security-store.ts';

const key = fromHex('000102030405060708090a0b0c0d0e0f');
const device = (endpoint: string): DeviceSecurity => ({
  endpoint,
  credentials: { kind: 'psk', identity: `of ${endpoint}`, key },
});
let folder: string;
let path: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'motestack-security-'));
  path = join(folder, 'security.json');
});
afterEach(() => rm(folder, { recursive: true }));

describe('JsonFileSecurityStore', () => {
  test('keeps what it is given in a file of its owner alone', async () => {
    const store = await JsonFileSecurityStore.open(path);
    expect(store.size).toBe(0);
    await store.set(device('a'));
    expect((await stat(path)).mode & 0o777).toBe(0o600);
    const again = await JsonFileSecurityStore.open(path);
    expect(again.findByPskIdentity(encodeUtf8('of a'))?.endpoint).toBe('a');
    expect(await again.remove('a')).toBe(true);
    expect(await again.remove('a')).toBe(false);
    expect((await JsonFileSecurityStore.open(path)).size).toBe(0);
  });

  test('changes that come at once are all kept, and leave nothing else behind', async () => {
    const store = await JsonFileSecurityStore.open(path);
    await Promise.all(['a', 'b', 'c', 'd'].map((endpoint) => store.set(device(endpoint))));
    const again = await JsonFileSecurityStore.open(path);
    expect([...again.devices()].map(({ endpoint }) => endpoint)).toEqual(['a', 'b', 'c', 'd']);
    expect(await readdir(folder)).toEqual(['security.json']);
  });

  test('a change that is refused, or cannot be written, changes nothing', async () => {
    const store = await JsonFileSecurityStore.open(path);
    await store.set(device('a'));
    const before = await readFile(path, 'utf8');
    const taken = { endpoint: 'b', credentials: device('a').credentials };
    await expect(store.set(taken)).rejects.toBeInstanceOf(TypeError);
    expect([store.size, await readFile(path, 'utf8')]).toEqual([1, before]);
    await rm(folder, { recursive: true });
    await expect(store.set(device('c'))).rejects.toMatchObject({ code: 'ENOENT' });
    expect(store.findByEndpoint('c')).toBeUndefined();
    folder = await mkdtemp(join(tmpdir(), 'motestack-security-'));
  });

  test('a file that others may read is refused', async () => {
    await writeFile(path, '{"version":1,"devices":[]}');
    await chmod(path, 0o640);
    await expect(JsonFileSecurityStore.open(path)).rejects.toThrow(/chmod 600/);
    await chmod(path, 0o600);
    expect((await JsonFileSecurityStore.open(path)).size).toBe(0);
  });

  test('a file of another form is refused, without a word of it', async () => {
    await writeFile(path, '{"key":"secret', { mode: 0o600 });
    await expect(JsonFileSecurityStore.open(path)).rejects.toThrow(/^the document is no record$/);
  });
});
