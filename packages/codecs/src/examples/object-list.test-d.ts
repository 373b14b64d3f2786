import { decodeObjectLinks, encodeObjectLinks } from '@motestack/codecs/links';

/** The payload of a Register. */
export const payload: Uint8Array = encodeObjectLinks({
  rootPath: '/',
  contentFormats: [110, 112],
  objects: [{ objectId: 3, version: '1.1', instances: [0] }],
});

/** Which objects a device has, and their instances. */
export const objects: Map<number, readonly number[]> = new Map(
  decodeObjectLinks(payload).objects.map(({ objectId, instances }) => [objectId, instances]),
);
