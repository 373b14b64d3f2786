import { firstValue, sameValue, sizeOf, withoutOptions } from '../block/block-option.ts';
import type { OutgoingMessage } from '../messaging.ts';
import {
  type Block,
  codeClass,
  type DecodedMessage,
  decodeUint,
  isNewerNotification,
  MessageType,
  type Option,
  OptionNumber,
} from '../wire/index.ts';
import type { AskedRequest, Download } from './asked-request.ts';
import type { QBlockStep } from './lower-layer.ts';
import { qBlockOption } from './q-block-option.ts';
import type { QBlockSurroundings } from './q-block-surroundings.ts';
import { ReceivingBody } from './receiving-body.ts';
import { rewritten } from './rewritten.ts';

/** What downloads work with. */
export interface DownloadSurroundings<Context extends object> extends QBlockSurroundings<Context> {
  /** Forgets a request. */
  readonly end: (asked: AskedRequest<Context>, step: QBlockStep<Context>) => void;
}

const NOTHING = new Uint8Array(0);
const { ETag, IfMatch, IfNoneMatch, Observe, QBlock1, QBlock2, RequestTag, Size1, Size2 } = OptionNumber;

/**
 * The bodies of responses and notifications, out of their Q-Block2.
 *
 * @see RFC 9177 §4.4, §4.5
 */
export class QBlockDownloads<Context extends object> {
  readonly #surroundings: DownloadSurroundings<Context>;

  constructor(surroundings: DownloadSurroundings<Context>) {
    this.#surroundings = surroundings;
  }

  /** Takes a block, whose message is acknowledged. */
  takeBlock(asked: AskedRequest<Context>, block: Block, message: DecodedMessage, step: QBlockStep<Context>): void {
    const { counters, parameters } = this.#surroundings;
    const eTag = firstValue(message.options, ETag);
    const size = sizeOf(message.options, Size2);
    if (eTag === undefined || size === undefined) {
      // "MUST all have the same ETag"; "The Size2 option MUST be used" (RFC 9177 §4.4, §4.6).
      this.#fail(asked, 'a block of a response without ETag or Size2', '§4.6', step);
      return;
    }
    if (size > parameters.bodyBytesMax) {
      this.#fail(asked, 'the response is longer than bodyBytesMax', '§4.6', step);
      return;
    }
    const download = this.#downloadOf(asked, { block, message, eTag, size }, step);
    if (download === undefined) return;
    const outcome = download.body.take(block, message.payload, step.now);
    if (outcome === 'wrong') counters.qBlocksWrong++;
    else if (outcome === 'duplicate') counters.qBlocksDuplicate++;
    else counters.qBlocksIn++;
    if (outcome !== 'new') return;
    if (download.body.isWhole) this.#tell(asked, download, step);
    // Who gets Acknowledgements knows what came (RFC 9177 §4.4).
    else if (message.type === MessageType.NonConfirmable) this.#report(asked, download, block.blockNumber, step);
  }

  /** Asks for what is missing, or gives up. */
  handleTimeout(asked: AskedRequest<Context>, download: Download, step: QBlockStep<Context>): void {
    if (download.body.askAt > step.now) return;
    const { counters } = this.#surroundings;
    const missing = download.body.ask(step.now);
    if (missing !== undefined) {
      this.#askFor(asked, download, missing, step);
      return;
    }
    // "the client SHOULD discard the partial body" (RFC 9177 §7.2).
    counters.qBlockBodiesGivenUp++;
    if (asked.isAnswered) {
      asked.download = undefined;
      return;
    }
    const { context } = asked;
    this.#surroundings.end(asked, step);
    step.events.push({ kind: 'gave-up', context, reason: 'timeout' });
  }

  /** The body that a block belongs to. @returns `undefined`: it is not wanted any more */
  #downloadOf(
    asked: AskedRequest<Context>,
    part: { readonly block: Block; readonly message: DecodedMessage; readonly eTag: Uint8Array; readonly size: number },
    step: QBlockStep<Context>,
  ): Download | undefined {
    const { parameters, counters, maxTransmitSpanMs } = this.#surroundings;
    const { block, message, eTag, size } = part;
    const observe = observeOf(message);
    const { download, told } = asked;
    if (download !== undefined && isSameBody(download, eTag, observe)) {
      if (observe !== undefined && download.observe === undefined) {
        download.observe = observe;
        download.options = message.options;
      }
      return download;
    }
    const isOfOld = told !== undefined && isSameBody(told, eTag, observe);
    if (isOfOld || (download !== undefined && isOlder(observe, download.observe, step.now))) {
      counters.qBlocksDuplicate++;
      return undefined;
    }
    if (download !== undefined) {
      // "the client should treat the partial body with the old ETag as no longer being fresh" (RFC 9177 §4.4).
      asked.told = { eTag: download.eTag, observe: download.observe };
      if (!asked.isAnswered && asked.restarts++ >= parameters.bodyRestartsMax) {
        this.#fail(asked, 'the response changes faster than it comes', '§4.4', step);
        return undefined;
      }
    }
    const { maxPayloads, nonReceiveTimeoutMs, nonMaxRetransmit: askMax } = parameters;
    const isConfirmable = message.type !== MessageType.NonConfirmable;
    // "after a MAX_TRANSMIT_SPAN delay" for Confirmable blocks (RFC 9177 §4.4).
    const receiveTimeoutMs = isConfirmable ? maxTransmitSpanMs : nonReceiveTimeoutMs;
    const { code, options } = message;
    const body = new ReceivingBody({ szx: block.szx, size, maxPayloads, receiveTimeoutMs, askMax }, step.now);
    asked.download = { body, eTag: eTag.slice(), observe, code, options };
    return asked.download;
  }

  #tell(asked: AskedRequest<Context>, download: Download, step: QBlockStep<Context>): void {
    const { code, options, observe, eTag } = download;
    asked.told = { eTag, observe };
    asked.download = undefined;
    asked.isAnswered = true;
    const { token } = asked.request;
    const whole = withoutOptions(options, QBlock1, QBlock2, Size2);
    const type = MessageType.NonConfirmable;
    const payload = download.body.whole();
    const message = rewritten({ type, code, messageId: 0, token, options: whole, payload }, {});
    const { peer } = asked;
    if (observe === undefined || codeClass(code) !== 2) this.#surroundings.end(asked, step);
    step.events.push({ kind: 'response', peer, message, context: undefined });
  }

  #report(asked: AskedRequest<Context>, download: Download, blockNumber: number, step: QBlockStep<Context>): void {
    const report = download.body.reportAfter(blockNumber);
    if (report === undefined) return;
    const { szx } = download.body;
    if (report.kind === 'missing') this.#askFor(asked, download, report.blockNumbers, step);
    else {
      // The 'Continue' Q-Block2 (RFC 9177 §4.4).
      this.#ask(asked, [qBlockOption(QBlock2, { blockNumber: report.blockNumber, more: true, szx })], step);
    }
  }

  #askFor(
    asked: AskedRequest<Context>,
    { body: { szx } }: Download,
    blockNumbers: readonly number[],
    step: QBlockStep<Context>,
  ): void {
    this.#surroundings.counters.qBlockRecoveries++;
    // "Generally, the M bit on the Q-Block2 option(s) SHOULD be unset" (RFC 9177 §4.4).
    const wanted = blockNumbers.map((blockNumber) => qBlockOption(QBlock2, { blockNumber, more: false, szx }));
    this.#ask(asked, wanted, step);
  }

  #ask(asked: AskedRequest<Context>, wanted: readonly Option[], step: QBlockStep<Context>): void {
    const { request, tag, part, peer, isConfirmable } = asked;
    const { lower } = this.#surroundings;
    // "both the request and response MUST NOT include the Observe option" (RFC 9177 §4.5); "The ETag option should not
    // be used in the request for missing blocks" (§4.4), nor what makes the request conditional.
    const own = withoutOptions(request.options, Observe, ETag, IfMatch, IfNoneMatch, Size1, RequestTag);
    const options = [...own, ...(tag === undefined ? [] : [tag]), ...wanted];
    const { token } = asked.nextToken();
    const message: OutgoingMessage = { isConfirmable, code: request.code, token, options, payload: NOTHING };
    // What was asked before and still waits is out of date.
    lower.stop(part, step);
    lower.send(peer, message, part, step);
  }

  #fail(asked: AskedRequest<Context>, detail: string, section: string, step: QBlockStep<Context>): void {
    const { context, isAnswered } = asked;
    asked.download = undefined;
    if (isAnswered) return;
    this.#surroundings.end(asked, step);
    step.events.push({ kind: 'garbled', context, detail, section: `RFC 9177 ${section}` });
  }
}

/** A block that was asked for again has no Observe: the ETag says what it is of. */
function isSameBody(
  known: { readonly eTag: Uint8Array; readonly observe: number | undefined },
  eTag: Uint8Array,
  observe: number | undefined,
): boolean {
  const isSameTime = observe === undefined || known.observe === undefined || observe === known.observe;
  return isSameTime && sameValue(known.eTag, eTag);
}

function isOlder(observe: number | undefined, known: number | undefined, now: number): boolean {
  if (observe === undefined || known === undefined) return false;
  return !isNewerNotification({ sequence: known, receivedAt: now }, { sequence: observe, receivedAt: now });
}

function observeOf({ options }: DecodedMessage): number | undefined {
  const value = firstValue(options, Observe);
  return value === undefined || value.length > 3 ? undefined : decodeUint(value);
}
