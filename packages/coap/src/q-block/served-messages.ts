import type { ServingMessaging } from '../messaging.ts';
import type { QBlockLayer } from './q-block-layer.ts';

/** The layer as the server's half sees it: what it cuts for a peer is another matter than what the client's half does. */
export function servedMessages<Context extends object>(layer: QBlockLayer<Context>): ServingMessaging<Context> {
  return {
    get wakeAt() {
      return layer.wakeAt;
    },
    get transmissionCount() {
      return layer.transmissionCount;
    },
    stats: () => layer.stats(),
    send: (peer, message, context, now) => layer.send(peer, message, context, now),
    ping: (peer, context, now) => layer.ping(peer, context, now),
    supersede: (context, message) => layer.supersede(context, message),
    stop: (context, now) => layer.stop(context, now),
    respond: (peer, messageId, response, now) => layer.respond(peer, messageId, response, now),
    acknowledge: (peer, messageId, now) => layer.acknowledge(peer, messageId, now),
    reject: (peer, messageId, now) => layer.reject(peer, messageId, now),
    handleUnreachable: (peer, now) => layer.handleUnreachable(peer, now),
    forgetToken: (peer, token) => layer.forgetToken(peer, token),
    blockLimits: (peer) => layer.servedBlockLimits(peer),
    handleTimeout: (now) => layer.handleTimeout(now),
  };
}
