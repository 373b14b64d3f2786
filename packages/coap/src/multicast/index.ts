export { defaultGroupParameters, type GroupCounters, type GroupParameters } from './group-parameters.ts';
export type { GroupResponse, GroupResponses } from './group-responses.ts';
export { GroupTransport, type GroupTransportOptions } from './group-transport.ts';
export {
  type GroupRequestInit,
  type GroupRequestOptions,
  MulticastClient,
  type MulticastClientOptions,
} from './multicast-client.ts';
export { defaultMulticastClientParameters, type MulticastClientParameters } from './multicast-client-parameters.ts';
