export {
  decodeMissingBlocks,
  encodeMissingBlocks,
  MISSING_BLOCKS_CONTENT_FORMAT,
  MISSING_BLOCKS_MAX,
} from './missing-blocks.ts';
export type { QBlockCounters, QBlockGauges } from './q-block-counters.ts';
export { QBlockEndpoint, type QBlockEndpointOptions } from './q-block-endpoint.ts';
export { defaultQBlockParameters, type QBlockParameters } from './q-block-parameters.ts';
