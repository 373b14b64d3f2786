import { createCipheriv, createDecipheriv } from 'node:crypto';
import type { TokenSealer } from './index.ts';

const KEY = new Uint8Array(32).fill(1);
const [NONCE_BYTES, TAG_BYTES] = [12, 16];

/** How much longer a token is than its state. */
export const SEAL_BYTES: number = NONCE_BYTES + TAG_BYTES;

/** AES-256-GCM with a counting nonce, and the peer as associated data. */
export function aesSealer(): TokenSealer {
  let count = 0;
  return {
    seal(state, peer) {
      const nonce = new Uint8Array(NONCE_BYTES);
      new DataView(nonce.buffer).setUint32(0, ++count);
      const cipher = createCipheriv('aes-256-gcm', KEY, nonce).setAAD(Buffer.from(peer));
      const sealed = cipher.update(state);
      cipher.final();
      return new Uint8Array([...nonce, ...sealed, ...cipher.getAuthTag()]);
    },
    open(token, peer) {
      if (token.length < SEAL_BYTES) return undefined;
      const decipher = createDecipheriv('aes-256-gcm', KEY, token.subarray(0, NONCE_BYTES));
      decipher.setAAD(Buffer.from(peer)).setAuthTag(token.subarray(-TAG_BYTES));
      const state = decipher.update(token.subarray(NONCE_BYTES, -TAG_BYTES));
      decipher.final();
      return new Uint8Array(state);
    },
  };
}
