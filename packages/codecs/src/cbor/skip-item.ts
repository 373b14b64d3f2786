import {
  atBreak,
  begin,
  beginChunk,
  type CborReader,
  hasNext,
  INDEFINITE,
  MajorType,
  peekMajor,
  readHead,
  refuse,
  skipBytes,
} from './cbor-reader.ts';

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
  if (major === MajorType.Bytes || major === MajorType.Text) {
    skipString(reader, major);
    return;
  }
  if (major < MajorType.Array || major > MajorType.Tag) {
    readHead(reader);
    return;
  }
  if (nesting >= reader.nestingMax) refuse(reader, 'too-deep');
  if (major === MajorType.Tag) {
    readHead(reader);
    skipItem(reader, nesting + 1);
    return;
  }
  const count = begin(reader, major);
  for (let index = 0; hasNext(reader, index, count); index++) {
    if (major === MajorType.Map) skipItem(reader, nesting + 1);
    skipItem(reader, nesting + 1);
  }
}

function skipString(reader: CborReader, major: number): void {
  const length = begin(reader, major);
  if (length === INDEFINITE) while (!atBreak(reader)) skipBytes(reader, beginChunk(reader, major));
  else skipBytes(reader, length);
}
