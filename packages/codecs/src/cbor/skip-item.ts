import {
  atBreak,
  begin,
  beginChunk,
  type CborReader,
  hasNext,
  INDEFINITE,
  peekMajor,
  readHead,
  readSimple,
  refuse,
  skipBytes,
} from './cbor-reader.ts';
import * as MajorType from './major-type.ts';

/**
 * Passes over one item, whatever it is.
 *
 * @param reader at the item
 * @param nesting how many containers are around it
 * @throws {DecodeError} `truncated`, `reserved-value`, `bad-syntax` (a break or chunk where none may be), `too-deep`
 * @see RFC 8949 Appendix C
 */
export function skipItem(reader: CborReader, nesting = 0): void {
  const major = peekMajor(reader);
  if (major === MajorType.BYTES || major === MajorType.TEXT) {
    skipString(reader, major);
    return;
  }
  if (major === MajorType.SIMPLE) {
    readSimple(reader);
    return;
  }
  if (major < MajorType.ARRAY) {
    readHead(reader);
    return;
  }
  if (nesting >= reader.nestingMax) refuse(reader, 'too-deep');
  if (major === MajorType.TAG) {
    readHead(reader);
    skipItem(reader, nesting + 1);
    return;
  }
  const count = begin(reader, major);
  for (let index = 0; hasNext(reader, index, count); index++) {
    if (major === MajorType.MAP) skipItem(reader, nesting + 1);
    skipItem(reader, nesting + 1);
  }
}

function skipString(reader: CborReader, major: number): void {
  const length = begin(reader, major);
  if (length === INDEFINITE) while (!atBreak(reader)) skipBytes(reader, beginChunk(reader, major));
  else skipBytes(reader, length);
}
