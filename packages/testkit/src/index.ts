export { seededRandom, seededRandomSource } from './seeded-random.ts';
export {
  type DatagramFate,
  type NetworkFaults,
  type SeenDatagram,
  SimulatedNetwork,
  type SimulatedNetworkOptions,
  type TapEvent,
} from './simulated-network.ts';
export { SimulatedStreamTransport, type StreamTransportOptions } from './simulated-stream-transport.ts';
export { SimulatedTransport } from './simulated-transport.ts';
export { vectors } from './vectors.ts';
