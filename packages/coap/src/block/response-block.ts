import {
  BLOCK_NUMBER_MAX,
  type Block,
  blockOffset,
  blockUnitBytes,
  codeClass,
  encodeUintOption,
  OptionNumber,
} from '../wire/index.ts';
import { blockOption, firstValue } from './block-option.ts';
import { entityTagOf } from './entity-tag.ts';
import type { WholeResponse } from './response-bodies.ts';

/**
 * Adds an ETag to a response that goes in several blocks, where the handler gave none: "the server SHOULD include an
 * ETag Option in each response" (RFC 7959 §2.4).
 */
export function tagged(response: WholeResponse): WholeResponse {
  const { code, options, payload } = response;
  if (codeClass(code) !== 2 || firstValue(options, OptionNumber.ETag) !== undefined) return response;
  return { ...response, options: [...options, { number: OptionNumber.ETag, value: entityTagOf(payload) }] };
}

/**
 * Cuts one block out of a response.
 *
 * @param response the whole
 * @param wanted which block, in the size that the peer asked for
 * @param szxMax the largest size that is to be sent
 * @returns the response with this block; `undefined` if the body ends before it
 * @throws {RangeError} a body of more blocks than can be numbered
 * @see RFC 7959 §2.4, §4 (Size2)
 */
export function cutBlock(response: WholeResponse, wanted: Block, szxMax: number): WholeResponse | undefined {
  const szx = Math.min(wanted.szx, szxMax);
  const { code, options, payload } = response;
  const unit = blockUnitBytes(szx);
  const offset = blockOffset(wanted);
  if (offset > 0 && offset >= payload.length) return undefined;
  if (payload.length > (BLOCK_NUMBER_MAX + 1) * unit)
    throw new RangeError('the body has more blocks than have a number');
  const more = offset + unit < payload.length;
  const block = blockOption(OptionNumber.Block2, { blockNumber: offset / unit, more, szx });
  const isAnnounced = offset > 0 || !more || firstValue(options, OptionNumber.Size2) !== undefined;
  const size = isAnnounced ? [] : [encodeUintOption(OptionNumber.Size2, payload.length)];
  return { code, options: [...options, block, ...size], payload: payload.subarray(offset, offset + unit) };
}
