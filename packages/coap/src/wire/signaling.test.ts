import { fromHex } from '@motestack/bytes';
import { vectors } from '@motestack/testkit';
import { describe, expect, test } from 'vitest';
import { checkOptions } from './check-options.ts';
import { SignalingCode } from './code.ts';
import { decodeFrame } from './frame.ts';
import { encodeUintOption } from './option-access.ts';
import { readCapabilities, SignalingOption, signalingOption } from './signaling.ts';

const rows = vectors<{ tcp: { id: string; hex: string; meaning?: { bert: boolean } }[] }>('coap-messages').tcp;
const signaling = rows.filter(({ id }) => /^tcp-(ping|pong|csm|release|abort)/.test(id));

function messageOf({ hex }: { hex: string }) {
  const message = decodeFrame(fromHex(hex))?.message;
  if (message === undefined) throw new Error('incomplete');
  return message;
}

describe('signalingOption', () => {
  test.each(signaling)('$id', (row) => {
    const { code, options } = messageOf(row);
    const checked = checkOptions(options, (number) => signalingOption(code, number));
    // An unknown critical option in a CSM makes the peer abort and name it.
    expect(checked.unrecognizedCritical).toEqual(row.id === 'tcp-csm-critical' ? [1] : []);
    expect(checked.recognized).toHaveLength(row.id === 'tcp-csm-critical' ? 0 : options.length);
  });

  test('a number means something else for every code', () => {
    expect(signalingOption(SignalingCode.Csm, 2)?.name).toBe('Max-Message-Size');
    expect(signalingOption(SignalingCode.Pong, 2)?.name).toBe('Custody');
    expect(signalingOption(SignalingCode.Release, 2)?.name).toBe('Alternative-Address');
    expect(signalingOption(SignalingCode.Abort, 2)?.name).toBe('Bad-CSM-Option');
    expect(signalingOption(SignalingCode.Abort, 4)).toBeUndefined();
    expect(signalingOption(0x45, 2)).toBeUndefined();
  });
});

describe('readCapabilities', () => {
  test.each(rows.filter(({ meaning }) => meaning !== undefined))('$id', (row) => {
    expect(readCapabilities(messageOf(row).options).bert).toBe(row.meaning?.bert);
  });

  test('base values', () => {
    const base = { messageSizeMax: 1152, blockWiseTransfer: false, bert: false, tokenLengthMax: 8 };
    expect(readCapabilities([])).toEqual(base);
    expect(readCapabilities([encodeUintOption(SignalingOption.MaxMessageSize, 100)])).toEqual({
      ...base,
      messageSizeMax: 100,
    });
  });

  test.each([
    [7, 8],
    [8, 8],
    [32, 32],
    [65804, 65804],
    [65805, 65804],
  ])('an extended token length of %i counts as %i', (sent, counts) => {
    const option = encodeUintOption(SignalingOption.ExtendedTokenLength, sent);
    expect(readCapabilities([option]).tokenLengthMax).toBe(counts);
  });
});
