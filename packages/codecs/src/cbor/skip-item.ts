import { type CborReader, INDEFINITE, MajorType } from './cbor-reader.ts';

const BREAK = 0xff;

/**
 * Passes over one item, whatever it is.
 *
 * @param reader at the item
 * @param nesting how many containers are around it
 * @throws {DecodeError} `truncated`, `reserved-value`, `bad-syntax` (a break or chunk where none may be), `too-deep`
 * @see RFC 8949 Appendix C
 */
export function skipItem(reader: CborReader, nesting = 0): void {
  const start = reader.offset;
  const initial = reader.peek();
  const major = initial >>> 5;
  switch (major) {
    case MajorType.Bytes:
    case MajorType.Text:
      skipString(reader, major);
      break;
    case MajorType.Array:
    case MajorType.Map:
    case MajorType.Tag:
      if (nesting >= reader.nestingMax) throw reader.error('too-deep', start);
      skipItems(reader, major, nesting + 1);
      break;
    default:
      if (initial === BREAK) throw reader.error('bad-syntax', start);
      reader.head();
  }
}

function skipItems(reader: CborReader, major: number, nesting: number): void {
  if (major === MajorType.Tag) {
    reader.head();
    skipItem(reader, nesting);
    return;
  }
  const pair = major === MajorType.Map ? 2 : 1;
  const count = reader.begin(major);
  if (count !== INDEFINITE) {
    for (let left = count * pair; left > 0; left--) skipItem(reader, nesting);
    return;
  }
  while (!reader.atBreak()) {
    for (let item = 0; item < pair; item++) skipItem(reader, nesting);
  }
}

function skipString(reader: CborReader, major: number): void {
  const length = reader.begin(major);
  if (length === INDEFINITE) while (!reader.atBreak()) reader.advance(reader.beginChunk(major));
  else reader.advance(length);
}
