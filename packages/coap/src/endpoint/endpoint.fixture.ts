import type { Effects } from '../effects.ts';
import { bytesOf, zeros } from '../message-layer/message-layer.fixture.ts';
import { encodeUintOption, type Message, OptionNumber } from '../wire/index.ts';
import { Endpoint } from './endpoint.ts';
import type { EndpointEvent } from './endpoint-event.ts';
import { type EndpointParameters, resolveEndpointParameters } from './endpoint-parameters.ts';
import type { RequestCommand } from './request-command.ts';

export { bytesOf, OTHER_PEER, PEER, sent } from '../message-layer/message-layer.fixture.ts';

/** A core with random bytes that count up, so that tokens differ. */
export function endpoint(parameters: Partial<EndpointParameters> = {}): Endpoint {
  let count = 0;
  const counting = { fill: (bytes: Uint8Array) => (bytes.length === 8 ? bytes.fill(++count) : zeros.fill(bytes)) };
  return new Endpoint(resolveEndpointParameters(parameters), counting);
}

/** The events of a step in words. */
export function told(effects: Effects<EndpointEvent>): string[] {
  return effects.events.map((event) => {
    if ('exchangeId' in event) return `${event.kind} ${event.exchangeId}`;
    if (event.kind === 'failed') return `failed ${event.id} ${event.failure.reason}`;
    if (event.kind === 'observation-ended') return `${event.kind} ${event.id} ${event.failure?.reason ?? 'quietly'}`;
    if (event.kind === 'relation-ended') return `${event.kind} ${event.relationId} ${event.reason}`;
    return 'id' in event ? `${event.kind} ${event.id}` : event.kind;
  });
}

export const observeOption = (value: number) => encodeUintOption(OptionNumber.Observe, value);

/** A GET with Observe 0. */
export const observeBytes = (part: Partial<Message> = {}) => bytesOf({ options: [observeOption(0)], ...part });

export const answer = (code = 0x45) => ({ code, options: [], payload: Uint8Array.of(1) });
export const notification = (isConfirmable = true, code = 0x45) => ({ ...answer(code), isConfirmable });

export function request(part: Partial<RequestCommand> = {}): RequestCommand {
  const [options, payload] = [[], new Uint8Array(0)];
  const timeoutMs = 93_000;
  const command = { id: 1, peer: '192.0.2.1:5683', purpose: 'request' as const, timeoutMs, isConfirmable: true };
  return { ...command, code: 1, options, payload, ...part };
}
