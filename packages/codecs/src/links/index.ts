export type { DecodeLimits } from '../payload-context.ts';
export type { BootstrapDiscovery, BootstrapNode } from './bootstrap-discovery.ts';
export { decodeBootstrapDiscovery, encodeBootstrapDiscovery } from './bootstrap-discovery.ts';
export type { DecodeDiscoveryOptions, DiscoveredNode } from './discovery.ts';
export { decodeDiscovery, encodeDiscovery } from './discovery.ts';
export type { ListedObject, ObjectInventory } from './object-links.ts';
export { decodeObjectLinks, encodeObjectLinks } from './object-links.ts';
