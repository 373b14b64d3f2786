// What the payload codecs are measured with.
import { objectLookup } from '@motestack/codecs';

/** Records of one sensor: the base name in the first, a name, a value and a time in each. */
export function packOf(count) {
  return Array.from({ length: count }, (_, index) => ({
    ...(index === 0 ? { baseName: '/3303/0/' } : {}),
    name: '5700',
    value: 20 + (index % 50) / 10 + 0.05,
    time: 1_700_000_000 + index,
  }));
}

const type = (id, of, multiple = false) => ({ id, type: of, operations: 'R', multiple });

/** Object 3 with the resources of the specification's example, and a sensor with the values of a long read. */
export const deviceLookup = objectLookup([
  {
    id: 3,
    name: 'Device',
    resources: {
      manufacturer: type(0, 'String'),
      modelNumber: type(1, 'String'),
      serialNumber: type(2, 'String'),
      firmwareVersion: type(3, 'String'),
      powerSources: type(6, 'Integer', true),
      voltage: type(7, 'Integer', true),
      current: type(8, 'Integer', true),
      batteryLevel: type(9, 'Integer'),
      memoryFree: type(10, 'Integer'),
      errorCode: type(11, 'Integer', true),
      currentTime: type(13, 'Time'),
      utcOffset: type(14, 'String'),
      timezone: type(15, 'String'),
      bindings: type(16, 'String'),
      deviceType: type(17, 'String'),
    },
  },
  {
    id: 3303,
    name: 'Temperature',
    multiple: true,
    resources: { sensorValue: type(5700, 'Float'), sensorUnits: type(5701, 'String') },
  },
]);

export const devicePath = { objectId: 3, objectInstanceId: 0 };
/** Literals, as the client makes them: a copy by `...` has, in V8, a hidden class of its own for nearly every object. */
const at = (resourceId, value, resourceInstanceId) => ({
  path:
    resourceInstanceId === undefined
      ? { objectId: 3, objectInstanceId: 0, resourceId }
      : { objectId: 3, objectInstanceId: 0, resourceId, resourceInstanceId },
  value,
});
export const deviceNodes = [
  at(0, 'Open Mobile Alliance'),
  at(1, 'Lightweight M2M Client'),
  at(2, '345000123'),
  at(3, '1.0'),
  at(6, 1, 0),
  at(6, 5, 1),
  at(7, 3800, 0),
  at(7, 5000, 1),
  at(8, 125, 0),
  at(8, 900, 1),
  at(9, 100),
  at(10, 15),
  at(11, 0, 0),
  at(13, new Date(1_367_491_215_000)),
  at(14, '+02:00'),
  at(15, 'Europe/Berlin'),
  at(16, 'U'),
  at(17, 'sensor'),
];

export const readPath = { objectId: 3303 };
export const readNodes = Array.from({ length: 100 }, (_, index) => ({
  path: { objectId: 3303, objectInstanceId: index >> 1, resourceId: index % 2 === 0 ? 5700 : 5701 },
  value: index % 2 === 0 ? 20 + index / 8 : 'Cel',
}));

/** A document of about that many bytes: rows with text, numbers of every size, bytes, truth values and lists. */
export function mixedDocument(bytes) {
  const rows = [];
  for (let size = 0, index = 0; size < bytes; index++) {
    const row = new Map([
      ['id', index],
      ['name', `sensor number ${index}`],
      ['place', index % 5 === 0 ? 'Gebäude Süd, 3. Stock' : 'building'],
      ['value', index / 7],
      ['level', -1 - index],
      ['seen', 1_700_000_000_000 + index],
      ['on', index % 2 === 0],
      ['none', null],
      ['key', new Uint8Array(16).fill(index)],
      ['history', [index, index + 1, index + 0.5, -1]],
    ]);
    rows.push(row);
    size += 150;
  }
  return rows;
}
