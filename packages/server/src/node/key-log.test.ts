import { fromHex } from '@motestack/bytes';
import { openDtls } from '@motestack/dtls/node';
import { expect, test } from 'vitest';
import { InMemorySecurityStore, LwM2mServer } from './index.ts';

const credentials = { kind: 'psk', identity: 'device', key: fromHex('000102030405060708090a0b0c0d0e0f') } as const;

test('keyLog is told the secret of a handshake, in the form that Wireshark reads', async () => {
  const told: string[] = [];
  await using server = await LwM2mServer.listen({
    urls: ['coaps://127.0.0.1:0'],
    security: new InMemorySecurityStore([{ endpoint: 'device', credentials }]),
    keyLog: (line) => void told.push(line),
  });
  const [url = ''] = server.urls;
  const port = Number(new URL(url).port);
  const client = await openDtls({ remote: { host: '127.0.0.1', port }, psk: credentials });
  await client.close();
  expect(told).toEqual([expect.stringMatching(/^CLIENT_RANDOM [0-9a-f]{64} [0-9a-f]{96}$/)]);
});
