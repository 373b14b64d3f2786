import type { BodySource } from '../bodies/body-source.ts';

/** A body that says which it is at every place. */
export function bodyBytes(seed: number, length: number): Uint8Array {
  const made = new Uint8Array(length);
  for (let index = 0; index < length; index++) made[index] = (seed * 31 + index * 7 + (index >>> 8) * 13) & 0xff;
  return made;
}

/** What became of an iterable. */
export interface Produced {
  chunks: number;
  isClosed: boolean;
}

/** The body chunk by chunk, in the same memory each time, as a reader of a file does. */
export async function* chunksOf(
  body: Uint8Array,
  chunkBytes: number,
  produced: Produced = { chunks: 0, isClosed: false },
): AsyncGenerator<Uint8Array, void, undefined> {
  const buffer = new Uint8Array(chunkBytes);
  try {
    for (let offset = 0; offset < body.length; offset += chunkBytes) {
      const chunk = body.subarray(offset, offset + chunkBytes);
      buffer.set(chunk);
      produced.chunks++;
      yield buffer.subarray(0, chunk.length);
      buffer.fill(0xee);
    }
  } finally {
    produced.isClosed = true;
  }
}

/** Any part of a body, at once or later. */
export function sourceOf(
  body: Uint8Array,
  about: { isLate?: boolean; size?: boolean; eTag?: Uint8Array } = {},
): BodySource {
  return {
    size: about.size === false ? undefined : body.length,
    eTag: about.eTag,
    read: (offset, length) => {
      const part = body.subarray(offset, offset + length);
      return about.isLate === true ? Promise.resolve(part) : part;
    },
  };
}

/** All that a body gives, and in how many chunks. */
export async function gathered(body: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: number[] = [];
  for await (const chunk of body) chunks.push(...chunk);
  return Uint8Array.from(chunks);
}
