// All of the portable part; what stands below by the same name takes its place.
export * from '../index.ts';
export { CoapRouter } from './coap-router.ts';
export { nodeClock } from './node-clock.ts';
export { nodeMac } from './node-mac.ts';
export { nodeRandom } from './node-random.ts';
export { type OpenCoapClientOptions, openCoapClient } from './open-coap-client.ts';
export { type OpenCoapEndpointOptions, openCoapEndpoint } from './open-coap-endpoint.ts';
export {
  openStreamClient,
  openStreamServer,
  type StreamClientOptions,
  type StreamScheme,
  type StreamServerOptions,
} from './open-stream.ts';
export { openStreamEndpoint } from './open-stream-endpoint.ts';
export { type MulticastOptions, openUdp, type UdpOptions } from './open-udp.ts';
export { type OpenUdpClientOptions, openUdpClient } from './open-udp-client.ts';
export { AllCoapNodes, openUdpGroup, type UdpGroupOptions } from './open-udp-group.ts';
export { peerIdOf, resolvePeer } from './peer-id.ts';
export type { ReconnectOptions } from './stream-client.ts';
export { defaultStreamLimits, resolveStreamLimits, type StreamLimits } from './stream-limits.ts';
export type {
  TlsClientOptions,
  TlsCommonOptions,
  TlsIdentity,
  TlsMaterial,
  TlsServerOptions,
} from './tls-options.ts';
