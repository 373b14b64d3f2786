import type { ImplementedInstance } from '@motestack/model';
import { ConnectivityStatistics } from '@motestack/objects/7';
import { TrafficMeter } from './traffic-meter.ts';

/** An instance whose meter the client feeds. */
export type MeteredInstance = ImplementedInstance & {
  /** Counts what goes over the client's connections. */
  readonly meter: TrafficMeter;
};

const BYTES_PER_KILOBYTE = 1_000;

/**
 * Object 7, Connectivity Statistics, counted by the client itself: the bytes of CoAP messages with all of its servers, between
 * Start and Stop or for the Collection Period.
 *
 * @see LwM2M Core 1.1.1 Appendix E.8
 * @example
 * objects: [Device.instance({ reboot }), connectivityStatistics()]
 */
export function connectivityStatistics(): MeteredInstance {
  const meter = new TrafficMeter();
  let periodSeconds = 0;
  const instance = ConnectivityStatistics.instance({
    txData: () => Math.floor(meter.figures.sentBytes / BYTES_PER_KILOBYTE),
    rxData: () => Math.floor(meter.figures.receivedBytes / BYTES_PER_KILOBYTE),
    maxMessageSize: () => meter.figures.largest,
    averageMessageSize: () => {
      const { sentBytes, receivedBytes, messages } = meter.figures;
      return messages === 0 ? 0 : Math.round((sentBytes + receivedBytes) / messages);
    },
    start: () => meter.start(periodSeconds),
    stop: () => meter.stop(),
    collectionPeriod: {
      read: () => periodSeconds,
      write: (seconds) => {
        periodSeconds = seconds;
      },
    },
  });
  return { ...instance, meter };
}
