import { ContentFormat, decodePayload, formatPath, objectLookup } from '@motestack/codecs';

// The facts of the objects that you expect; or take typed definitions from @motestack/objects.
const lookup = objectLookup([
  {
    id: 3303,
    name: 'Temperature',
    multiple: true,
    resources: {
      sensorValue: { id: 5700, type: 'Float', operations: 'R' },
      sensorUnits: { id: 5701, type: 'String', operations: 'R' },
    },
  },
]);

/** What a device told about its temperature sensors, as rows of a table. */
export function readTemperatures(payload: Uint8Array, nowSeconds: number): string[] {
  const nodes = decodePayload(ContentFormat.SenmlCbor, payload, { path: { objectId: 3303 }, lookup, nowSeconds });
  return nodes.map(({ path, value, time = nowSeconds }) => {
    return `${formatPath(path)} ${value} at ${new Date(time * 1000).toISOString()}`;
  });
}
