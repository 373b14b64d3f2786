export type { Link, LinkAttribute } from '@motestack/link-format';
export type { BlockCounters } from './block/block-counters.ts';
export type { BlockParameters } from './block/block-parameters.ts';
export type { UploadInit } from './block/client-transfer.ts';
export type { BodyPart } from './block/outgoing-body.ts';
export type { BodySource, StreamedBody } from './bodies/body-source.ts';
export { ClientEndpoint } from './client/client-endpoint.ts';
export {
  ClientObservation,
  type ClientObservationParts,
  type ObservationBuffering,
} from './client/client-observation.ts';
export type { ClientParts, PlainClientParameters } from './client/client-over-datagrams.ts';
export { type ClientResponse, CoapResponseError, clientResponse } from './client/client-response.ts';
export {
  type ClientObserveOptions,
  type ClientRequestOptions,
  CoapClient,
  type CoapClientOptions,
  type RequestingEndpoint,
  type RequestPayload,
  type RequestTarget,
} from './client/coap-client.ts';
export type { CoapObservation, ObserveCallbacks } from './client/coap-observation.ts';
export type {
  CoapMethod,
  CoapRequestInit,
  ObserveOptions,
  RequestOptions,
  TellOptions,
} from './client/coap-request-init.ts';
export type { CoapResponse } from './client/coap-response.ts';
export { type DatagramClientOptions, newDatagramClient } from './client/datagram-client.ts';
export { type DiscoverOptions, discover } from './client/discover.ts';
export { newPlainClient, type PlainClientOptions } from './client/new-plain-client.ts';
export type { ObservationKeeper } from './client/observation-keeper.ts';
export { type EndpointTransport, PlainClient } from './client/plain-client.ts';
export { type RequestedHost, requestedHost } from './client/requested-host.ts';
export { resolveReference } from './client/resolve-reference.ts';
export { revalidate } from './client/revalidate.ts';
export {
  CoapEndpoint,
  type CoapEndpointOnFooting,
  type CoapEndpointOptions,
  type EndpointFooting,
} from './coap-endpoint.ts';
export {
  CoapStreamEndpoint,
  type CoapStreamEndpointOptions,
  type StreamEndpointStats,
} from './coap-stream-endpoint.ts';
export type { ConnectionCounters } from './connection/connection-counters.ts';
export type { ConnectionLoss, ReleaseAdvice } from './connection/connection-event.ts';
export type { ConnectionLayerEvent } from './connection/connection-layer-event.ts';
export type { ConnectionGauges } from './connection/connection-layer-init.ts';
export {
  type ConnectionParameters,
  defaultConnectionParameters,
  resolveConnectionParameters,
} from './connection/connection-parameters.ts';
export type { Effects, Instant, PeerId, RandomSource, Transmit } from './effects.ts';
export { blockWise } from './endpoint/block-wise.ts';
export type { BodyTransfers, MakeBodyTransfers } from './endpoint/body-transfers.ts';
export { type ClientParameters, defaultClientParameters } from './endpoint/client-parameters.ts';
export { Endpoint, type ServingInit } from './endpoint/endpoint.ts';
export type { IsKept } from './endpoint/endpoint-client.ts';
export { EndpointCore } from './endpoint/endpoint-core.ts';
export type { ExchangeCounters } from './endpoint/endpoint-counters.ts';
export type { EndpointEvent, Failure, RelationEndReason } from './endpoint/endpoint-event.ts';
export {
  defaultEndpointParameters,
  type EndpointParameters,
  resolveEndpointParameters,
} from './endpoint/endpoint-parameters.ts';
export type { AcceptedObserver, AnswerBody, AnswerContent } from './endpoint/endpoint-server.ts';
export type { EndpointStats } from './endpoint/endpoint-stats.ts';
export type { RequestCommand } from './endpoint/request-command.ts';
export type { BodyEventKind, ServerEvent, ServerHalfInit } from './endpoint/server-half.ts';
export { ServingCore } from './endpoint/serving-core.ts';
export {
  AbortedError,
  BodyChangedError,
  BodyTooLargeError,
  CoapError,
  type CoapErrorCode,
  type CoapErrorDetail,
  ConnectionLostError,
  EndpointClosedError,
  PeerUnreachableError,
  ProtocolError,
  QueueFullError,
  ResetError,
  TimeoutError,
} from './errors.ts';
export type { ExchangePurpose } from './exchange/client-exchanges.ts';
export type { ExchangeParameters } from './exchange/exchange-parameters.ts';
export {
  type ResponseMatching,
  relaxedMatching,
  sameIdentityMatching,
  strictMatching,
} from './exchange/response-matching.ts';
export { AmplificationLimit, type AmplificationLimitOptions } from './freshness/amplification-limit.ts';
export { EchoValues, type EchoValuesOptions } from './freshness/echo-values.ts';
export { type EchoPreemptivelyOptions, echoPreemptively } from './manners/echo-preemptively.ts';
export { type ObeyTooManyRequestsOptions, obeyTooManyRequests } from './manners/obey-too-many-requests.ts';
export { TooManyRequestsError } from './manners/too-many-requests-error.ts';
export type { MessageCounters } from './message-layer/message-counters.ts';
export type {
  MessageLayerParameters,
  NonConfirmableParameters,
  PlainLayerParameters,
} from './message-layer/message-layer-parameters.ts';
export type { MessageLayerGauges } from './message-layer/plain-message-layer.ts';
export type { MakeTransmissions } from './message-layer/plain-transmissions.ts';
export type { PeerRto, RtoEstimator } from './message-layer/rto-estimator.ts';
export { nonConfirmable } from './message-layer/transmissions.ts';
export type { ObserveParameters } from './observe/observe-parameters.ts';
export type { NotificationContent } from './observe/relations.ts';
export {
  type DerivedTimes,
  defaultTransmissionParameters,
  derivedTimes,
  type RetransmissionParameters,
  resolveTransmissionParameters,
  retransmissionSchedule,
  type TransmissionParameters,
} from './parameters.ts';
export { type AbortSignalLike, AbortSource } from './platform/abort-source.ts';
export { type AsyncDisposableLike, addAsyncDispose } from './platform/async-dispose.ts';
export type { Clock } from './platform/clock.ts';
export type {
  ClientCredentials,
  PskCredentials,
  RawPublicKeyCredentials,
  ServerCredentials,
  X509Credentials,
} from './platform/credentials.ts';
export type { Logger } from './platform/logger.ts';
export { formatPeerIdentity, type PeerIdentity } from './platform/peer-identity.ts';
export type { DisconnectAdvice, StreamReceiver, StreamTransport } from './platform/stream-transport.ts';
export type { DatagramReceiver, DatagramTransport } from './platform/transport.ts';
export { AnswerError } from './router/answer-error.ts';
export { changed, chooseContentFormat, content, created, deleted } from './router/answers.ts';
export { CoapRouter, type CoapRouterOptions, type ResourceInit } from './router/coap-router.ts';
export { filterLinks } from './router/discovery.ts';
export type { ObservableInit, ObservableResource, ObservedContext } from './router/observable-resource.ts';
export type { RouteAttributes, RouteContext, RouteHandler, RouteOptions } from './router/route.ts';
export type { PatternName, PatternSegments, RouteParams } from './router/route-pattern.ts';
export type { CoapAnswer } from './server/coap-answer.ts';
export type { CoapRequest, RequestHandler, RequestHead } from './server/coap-request.ts';
export { type CurrentRepresentation, conditionalAnswer, conditionalOptions } from './server/conditional-answer.ts';
export type { ObserverRelation } from './server/observer-relation.ts';
export { retryAfterMs, tooManyRequests } from './server/too-many-requests.ts';
export { interceptDatagrams } from './trace/intercept-datagrams.ts';
export { interceptStreams } from './trace/intercept-streams.ts';
export type { InterceptedAbout, Interceptor } from './trace/interceptor.ts';
export {
  type CoapDestination,
  ContentFormat,
  type DecodedMessage,
  decodeMessage,
  decodeUint,
  encodeMessage,
  encodeUint,
  encodeUintOption,
  formatCoapUri,
  formatCode,
  type Message,
  MessageType,
  Method,
  type Option,
  OptionFormat,
  OptionNumber,
  optionDefinition,
  optionDefinitions,
  parseCoapUri,
  parseCode,
  ResponseCode,
} from './wire/index.ts';
