// What the functions here take, give and throw, so that one package is enough.
export { DecodeError, type DecodeErrorCode } from '@motestack/bytes';
export {
  formatPath,
  type LwM2mNode,
  type ObjectLink,
  type ObjectLookup,
  type ObjectSpec,
  objectLookup,
  type Path,
  parsePath,
  type ResourceSpec,
  type ResourceValue,
} from '@motestack/model';
export type { Base64Options } from './base64/base64.ts';
export { decodeBase64, encodeBase64 } from './base64/base64.ts';
export { ContentError, type ContentErrorCode, type ContentErrorDetail } from './content-error.ts';
export {
  ContentFormat,
  OLD_JSON_CONTENT_FORMAT,
  OLD_TLV_CONTENT_FORMAT,
  readableContentFormats,
  writableContentFormats,
} from './content-format.ts';
export {
  type BootstrapDiscovery,
  type BootstrapNode,
  decodeBootstrapDiscovery,
  encodeBootstrapDiscovery,
} from './links/bootstrap-discovery.ts';
export {
  type DecodeDiscoveryOptions,
  type DiscoveredNode,
  decodeDiscovery,
  encodeDiscovery,
} from './links/discovery.ts';
export { decodeObjectLinks, encodeObjectLinks, type ListedObject, type ObjectInventory } from './links/object-links.ts';
export { canCarry, decodePaths, decodePayload, encodePaths, encodePayload } from './payload.ts';
export {
  type DecodeLimits,
  defaultDecodeLimits,
  type Leniency,
  lenient,
  type PayloadContext,
  strict,
} from './payload-context.ts';
