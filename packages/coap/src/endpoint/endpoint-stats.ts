import { type BlockCounters, newBlockCounters } from '../block/block-counters.ts';
import { type MessageCounters, newMessageCounters } from '../message-layer/message-counters.ts';
import type { MessageLayerGauges } from '../message-layer/plain-message-layer.ts';
import { type ExchangeCounters, newExchangeCounters } from './endpoint-counters.ts';

/** What an endpoint counts and holds: plain numbers. Those that only grow are counted since the endpoint was made. */
export interface EndpointStats
  extends Readonly<MessageCounters>,
    Readonly<ExchangeCounters>,
    Readonly<BlockCounters>,
    MessageLayerGauges {
  /** Requests of ours that wait for an answer. */
  readonly clientExchanges: number;
  /** Requests that are with the handler. */
  readonly serverExchanges: number;
  /** What we observe. */
  readonly observations: number;
  /** What is observed here. */
  readonly observers: number;
  /** Requests of ours with bodies of several blocks that are under way. */
  readonly transfers: number;
  /** Request bodies that are assembled. */
  readonly assemblies: number;
  /** The memory that they hold, in bytes. */
  readonly assemblyBytes: number;
  /** Response bodies that are kept for their later blocks. */
  readonly responseBodies: number;
  /** The memory that they hold, in bytes. */
  readonly responseBodyBytes: number;
  /** Request bodies that are passed on to their handlers block by block. */
  readonly requestStreams: number;
  /** Answers whose bodies are asked for block by block. */
  readonly answerStreams: number;
}

type Gauges = Omit<EndpointStats, keyof MessageCounters | keyof ExchangeCounters | keyof BlockCounters>;

/** What half an endpoint has not, or connections have not. */
const NO_GAUGES: Readonly<Record<keyof Gauges, 0>> = {
  transmissions: 0,
  peersKnown: 0,
  silentPeers: 0,
  duplicatesRemembered: 0,
  duplicateBytes: 0,
  clientExchanges: 0,
  serverExchanges: 0,
  observations: 0,
  observers: 0,
  transfers: 0,
  assemblies: 0,
  assemblyBytes: 0,
  responseBodies: 0,
  responseBodyBytes: 0,
  requestStreams: 0,
  answerStreams: 0,
};

/** All there is to count and hold: what no part of an endpoint counts is 0. */
export function wholeStats(stats: Partial<EndpointStats>): EndpointStats {
  return { ...NO_GAUGES, ...newMessageCounters(), ...newExchangeCounters(), ...newBlockCounters(), ...stats };
}
