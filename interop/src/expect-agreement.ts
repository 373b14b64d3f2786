import { fromHex, toHex } from '@motestack/bytes';
import { decodeMessage } from '@motestack/coap/wire';
import { expect } from 'vitest';
import type { DissectedMessage } from './tshark.ts';

/** What we make of the same bytes, in tshark's terms. */
function ours(dissected: DissectedMessage): Omit<DissectedMessage, 'faults'> {
  const message = decodeMessage(fromHex(dissected.datagram));
  return {
    sourcePort: dissected.sourcePort,
    destinationPort: dissected.destinationPort,
    datagram: dissected.datagram,
    version: 1,
    type: message.type,
    code: message.code,
    messageId: message.messageId,
    token: toHex(message.token),
    optionNumbers: message.options.map(({ number }) => number),
    optionLengths: message.options.map(({ value }) => value.length),
    payloadLength: message.payload.length,
  };
}

/** No fault in any message, at least so many of them, and each is to tshark what it is to us. */
export function expectAgreement(messages: readonly DissectedMessage[], atLeast: number): void {
  expect(messages.length).toBeGreaterThanOrEqual(atLeast);
  for (const { faults, ...dissected } of messages) {
    expect(faults, dissected.datagram).toEqual([]);
    expect(dissected).toEqual(ours({ ...dissected, faults }));
  }
}
