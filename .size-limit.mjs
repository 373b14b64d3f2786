// What each subpath weighs in a user's bundle, gzipped, with what it imports. A new subpath needs a line here.
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const limits = {
  '@motestack/bytes': '2 kB',
  '@motestack/link-format': '1.8 kB',
  '@motestack/model': '6.5 kB',
  '@motestack/model/ddf': '10 kB',
  '@motestack/model/generate': '10 kB',
  '@motestack/objects': '38 kB',
  '@motestack/codecs': '23 kB',
  '@motestack/codecs/tlv': '6.5 kB',
  '@motestack/codecs/senml-json': '9.2 kB',
  '@motestack/codecs/senml-cbor': '10.4 kB',
  '@motestack/codecs/senml': '3 kB',
  '@motestack/codecs/cbor': '6 kB',
  '@motestack/codecs/single-cbor': '6 kB',
  '@motestack/codecs/lwm2m-cbor': '6.5 kB',
  '@motestack/codecs/lwm2m-json': '6.5 kB',
  '@motestack/codecs/text': '4.5 kB',
  '@motestack/codecs/opaque': '2 kB',
  '@motestack/codecs/links': '5 kB',
  '@motestack/coap': '57 kB',
  '@motestack/coap/proxy': '3.4 kB',
  '@motestack/coap/cocoa': '0.7 kB',
  '@motestack/coap/multicast': '7.9 kB',
  '@motestack/coap/q-block': '49 kB',
  '@motestack/coap/stateless': '12.2 kB',
  '@motestack/coap/wire': '7.8 kB',
  '@motestack/coap/trace': '3.7 kB',
  '@motestack/coap/node': '71 kB',
  '@motestack/coap/websocket': '5.8 kB',
  '@motestack/coap/browser': '31 kB',
  '@motestack/dtls': '36 kB',
  '@motestack/dtls/wire': '6 kB',
  '@motestack/dtls/node': '40 kB',
  '@motestack/client': '94 kB',
  '@motestack/client/node': '143.5 kB',
  '@motestack/server': '98 kB',
  '@motestack/server/bootstrap': '79 kB',
  '@motestack/server/node': '148 kB',
};

/** What is loaded for other schemes than `coap` alone is a chunk of its own. */
const nodeClient = (config) => ({ ...config, platform: 'node', external: ['*/open-stream-endpoint.js'] });

/** Parts that must not pull in the rest. */
const parts = [
  {
    name: 'decodeMessage alone',
    path: 'packages/coap/dist/wire/index.js',
    import: '{ decodeMessage }',
    limit: '1.5 kB',
  },
  {
    name: 'a CoAP client over UDP with everything',
    path: 'packages/coap/dist/node/index.js',
    import: '{ openCoapClient }',
    limit: '32 kB',
    modifyEsbuildConfig: nodeClient,
  },
  // Requests, observations, retransmission, duplicates, NSTART and pings over a UDP socket: all that is needed, with the
  // socket's code. The aim is 12 kB.
  {
    name: 'the smallest CoAP client over UDP, with its socket',
    path: 'packages/coap/dist/node/index.js',
    import: '{ openUdpClient }',
    limit: '17.2 kB',
    modifyEsbuildConfig: nodeClient,
  },
  {
    name: 'the same, with bodies in blocks',
    path: 'packages/coap/dist/node/index.js',
    import: '{ openUdpClient, blockWise }',
    limit: '23 kB',
    modifyEsbuildConfig: nodeClient,
  },
  {
    name: 'the same over any transport, without a socket',
    path: 'packages/coap/dist/index.js',
    import: '{ newPlainClient }',
    limit: '14.8 kB',
  },
  {
    name: 'one message decoded and encoded',
    path: 'packages/coap/dist/wire/index.js',
    import: '{ decodeMessage, encodeMessage }',
    limit: '2 kB',
  },
  { name: 'a CoAP router', path: 'packages/coap/dist/index.js', import: '{ CoapRouter, content }', limit: '5 kB' },
  // The codecs alone, both directions, without definitions: the targets are 1.5, 3 and 2.5 kB.
  {
    name: 'TLV alone',
    path: 'packages/codecs/dist/tlv/index.js',
    import: '{ decodeTlvEntries, encodeTlvEntries }',
    limit: '1.5 kB',
  },
  {
    name: 'SenML-CBOR alone',
    path: 'packages/codecs/dist/senml-cbor/index.js',
    import: '{ decodeSenmlCborRecords, encodeSenmlCborRecords }',
    limit: '5.5 kB',
  },
  {
    name: 'CBOR alone',
    path: 'packages/codecs/dist/cbor/index.js',
    import: '{ decodeCbor, encodeCbor }',
    limit: '4.4 kB',
  },
  { name: 'two objects', path: 'packages/objects/dist/index.js', import: '{ Device, Temperature }', limit: '1.6 kB' },
];

const bundle = { gzip: true, modifyEsbuildConfig: (config) => ({ ...config, platform: 'node' }) };

const subpaths = readdirSync('packages').flatMap((folder) => {
  const manifest = JSON.parse(readFileSync(`packages/${folder}/package.json`, 'utf8'));
  if (manifest.private === true) return [];
  return Object.entries(manifest.exports)
    .filter(([key, target]) => typeof target === 'object' && !key.includes('*'))
    .map(([key, target]) => ({ name: manifest.name + key.slice(1), path: `packages/${folder}/${target.default}` }));
});
const names = new Set(subpaths.map(({ name }) => name));
const stray = [
  ...Object.keys(limits).filter((name) => !names.has(name)),
  ...[...names].filter((name) => !limits[name]),
];
if (stray.length > 0) throw new Error(`subpaths without a limit, or limits without a subpath: ${stray.join(', ')}`);

const entries = [...subpaths.map((entry) => ({ ...entry, import: '*', limit: limits[entry.name] })), ...parts];
const unbuilt = entries.filter(({ path }) => !existsSync(path));
if (unbuilt.length > 0) throw new Error(`not built: ${unbuilt.map(({ path }) => path).join(', ')}`);

export default entries.map((entry) => ({ ...bundle, ...entry }));
