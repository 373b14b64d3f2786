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
import { type BlockSize, smallerBlocks } from './block-size.ts';
import { entityTagOf } from './entity-tag.ts';
import type { BodyPart } from './outgoing-body.ts';
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

/** Which part of a body is wanted. */
export interface WantedBlock {
  /** Where it begins. */
  readonly offset: number;
  /** Its size, which is never larger than the peer asked for. */
  readonly size: BlockSize;
}

/**
 * The part of a body that a request wants.
 *
 * @param asked its Block2; without one, the first block
 * @param own the size that is preferred here
 * @see RFC 7959 §2.4
 */
export function wantedBlock(asked: Block | undefined, own: BlockSize): WantedBlock {
  if (asked === undefined) return { offset: 0, size: own };
  return { offset: blockOffset(asked), size: smallerBlocks(own, asked.szx) };
}

/** What a response is made of, as its first block tells it. */
export type ResponseHead = Pick<WholeResponse, 'code' | 'options'> & {
  /** How long the whole is, where that is known. */
  readonly size: number | undefined;
};

/**
 * Cuts one block out of a response.
 *
 * @param response the whole
 * @param wanted which block
 * @returns the response with this block; `undefined` if the body ends before it
 * @throws {RangeError} a body of more blocks than can be numbered
 * @see RFC 7959 §2.4, §4 (Size2)
 */
export function cutBlock(response: WholeResponse, wanted: WantedBlock): WholeResponse | undefined {
  const { code, options, payload } = response;
  const { offset, size } = wanted;
  if (offset > 0 && offset >= payload.length) return undefined;
  if (payload.length > (BLOCK_NUMBER_MAX + 1) * blockUnitBytes(size.szx))
    throw new RangeError('the body has more blocks than have a number');
  const isLast = offset + size.bytes >= payload.length;
  const part = { payload: payload.subarray(offset, offset + size.bytes), isLast };
  return blockResponse({ code, options, size: payload.length }, wanted, part);
}

/**
 * Makes the response that has one block.
 *
 * @throws {RangeError} a block that has no number
 * @see RFC 7959 §2.4, §4 (Size2)
 */
export function blockResponse(head: ResponseHead, wanted: WantedBlock, part: BodyPart): WholeResponse {
  const { code, options, size } = head;
  const { offset } = wanted;
  const { szx } = wanted.size;
  const more = !part.isLast;
  const block = blockOption(OptionNumber.Block2, { blockNumber: offset / blockUnitBytes(szx), more, szx });
  const isAnnounced = offset > 0 || !more || firstValue(options, OptionNumber.Size2) !== undefined;
  const announced = isAnnounced || size === undefined ? [] : [encodeUintOption(OptionNumber.Size2, size)];
  return { code, options: [...options, block, ...announced], payload: part.payload };
}
