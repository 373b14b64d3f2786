import { fileURLToPath } from 'node:url';

const inInterop = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** Where things are; `target` is made by the preparation and ignored by git. */
export const places = {
  root: inInterop('..'),
  interop: inInterop('.'),
  leshan: inInterop('leshan'),
  californium: inInterop('californium'),
  goCoap: inInterop('go-coap'),
  /** A Go toolchain for a machine without one. */
  goEnvironment: inInterop('target/go'),
  mbedtls: inInterop('mbedtls'),
  pion: inInterop('pion'),
  tinydtls: inInterop('tinydtls'),
  tinydtlsEnvironment: inInterop('target/tinydtls'),
  tinydtlsPython: inInterop('target/tinydtls/bin/python'),
  nodeCoap: inInterop('node-coap'),
  aiocoap: inInterop('aiocoap'),
  aiocoapEnvironment: inInterop('target/aiocoap'),
  target: inInterop('target'),
  readiness: inInterop('target/peers.json'),
  results: inInterop('target/results.json'),
} as const;
