import { blockOf, blockOption, sameValue } from '../block/block-option.ts';
import type { CoapResponse } from '../client/coap-response.ts';
import { type Block, blockOffset, blockUnitBytes, type Option, OptionNumber } from '../wire/index.ts';

/**
 * Fetches the blocks that follow on the first, one by one, of the size that the server chose.
 *
 * @param first the response with block 0 that came from a group
 * @param ask sends the request again to the server alone, with this Block2
 * @returns the whole body; `undefined`: it changed meanwhile, is longer than `bodyBytesMax`, or the blocks do not fit
 * @throws what `ask` throws
 * @see RFC 7959 §2.4, §2.8
 */
export async function fetchLaterBlocks(
  first: CoapResponse,
  ask: (block: Option) => Promise<CoapResponse>,
  bodyBytesMax: number,
): Promise<Uint8Array | undefined> {
  const parts = [first.payload];
  let length = first.payload.length;
  let block: Block | undefined = blockOf(first.options, OptionNumber.Block2);
  let response = first;
  while (block !== undefined) {
    const size = blockUnitBytes(block.szx);
    if (blockOffset(block) + response.payload.length !== length || length > bodyBytesMax) return undefined;
    if (!block.more) return join(parts, length);
    // All but the last are full, or the next would not begin where this one ends.
    if (response.payload.length !== size) return undefined;
    const next: Block = { blockNumber: length / size, more: false, szx: block.szx };
    response = await ask(blockOption(OptionNumber.Block2, next));
    if (response.code !== first.code || !sameValue(response.eTag, first.eTag)) return undefined;
    block = blockOf(response.options, OptionNumber.Block2);
    parts.push(response.payload);
    length += response.payload.length;
  }
  return undefined;
}

function join(parts: readonly Uint8Array[], length: number): Uint8Array {
  const whole = new Uint8Array(length);
  let offset = 0;
  for (const part of parts) {
    whole.set(part, offset);
    offset += part.length;
  }
  return whole;
}
