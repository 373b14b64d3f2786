import { ByteReader } from '@motestack/bytes';
import { expect } from 'vitest';
import { ContentType, decodeRecord } from '../wire/index.ts';
import { DtlsPair, type PairOptions, type Passing } from './dtls-pair.fixture.ts';

/** What a disturbed handshake came to. */
interface Outcome {
  readonly isConnected: boolean;
  /** Whether a byte of a handshake message in the clear was changed, from the second ClientHello on. */
  readonly isMessage: boolean;
}

/** Whether a byte is within a handshake message in the clear. */
function isInMessage(bytes: Uint8Array, at: number): boolean {
  const reader = new ByteReader(bytes, 'test');
  while (reader.remaining > 0) {
    const start = reader.offset;
    const { contentType, epoch, fragment } = decodeRecord(reader, 8);
    const end = reader.offset;
    if (at >= start && at < end)
      return contentType === ContentType.Handshake && epoch === 0 && at >= end - fragment.length;
  }
  return false;
}

/** Runs a handshake in which one byte of one datagram is changed; signatures differ in length from run to run. */
function flipped(options: PairOptions, datagram: number, at: number, mask: number): Outcome {
  let isMessage = false;
  const pass = ({ bytes }: Passing, index: number): Uint8Array[] => {
    if (index !== datagram || at >= bytes.length) return [bytes];
    isMessage = datagram >= 2 && isInMessage(bytes, at);
    return [bytes.map((byte, place) => (place === at ? byte ^ mask : byte))];
  };
  const pair = new DtlsPair({ ...options, pass }).connect();
  const wasConnected = pair.client.isConnected && pair.sent.length <= 6;
  // Of what counts for the Finished nothing is accepted as it was changed: it heals by being sent again, or ends.
  if (isMessage) expect(wasConnected, `datagram ${datagram}, byte ${at}, mask ${mask}`).toBe(false);
  pair.advance(400_000);
  expect(pair.server.stats().handshakes).toBe(0);
  const isConnected = pair.client.isConnected && pair.server.stats().associations === 1;
  if (isConnected) expect(pair.say('beef').heard()).toContain('beef');
  return { isConnected, isMessage };
}

/**
 * Changes bytes of a handshake, one in each run.
 *
 * @param stride every so many bytes
 * @returns in how many runs a message was changed, and in how many of them the handshake ended
 */
export function flipBits(options: PairOptions, mask: number, stride: number): { changed: number; ended: number } {
  const clean = new DtlsPair(options).connect();
  expect(clean.say('01').heard()).toEqual(['01']);
  let [changed, ended] = [0, 0];
  for (const [datagram, { bytes }] of clean.sent.slice(0, 6).entries())
    for (let at = (datagram * 3) % stride; at < bytes.length; at += stride) {
      const { isConnected, isMessage } = flipped(options, datagram, at, mask);
      if (isMessage) changed++;
      if (isMessage && !isConnected) ended++;
    }
  return { changed, ended };
}
