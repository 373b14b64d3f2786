import { randomBytes } from 'node:crypto';
import type { PskCredentials } from '@motestack/coap/node';

/** A key for one run of the demo: 16 bytes, which is what AES-128 has. */
export function newDemoKey(): PskCredentials {
  return { kind: 'psk', identity: 'demo-device', key: new Uint8Array(randomBytes(16)) };
}
