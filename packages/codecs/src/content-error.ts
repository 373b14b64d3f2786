import type { Path } from '@motestack/model';

/** Why a payload that could be read, or values that were to be sent, cannot be used. */
export type ContentErrorCode =
  /** No decoder for this Content-Format, or the format cannot stand at this path. A server answers 4.15. */
  | 'unsupported-content-format'
  /** No encoder for this Content-Format, or the format cannot carry what stands at this path. Answered with 4.06. */
  | 'not-acceptable'
  /** A value that is not of the type that the definition names. Answered with 4.00. */
  | 'wrong-type'
  /** A number beyond what the type holds. Answered with 4.00. */
  | 'out-of-range'
  /** A path that is not within the path that was asked, or that is none. Answered with 4.00. */
  | 'unexpected-path'
  /** The same path twice, in a format where that has no meaning. Answered with 4.00. */
  | 'duplicate-path'
  /** A value of the right type for which the format has no notation, such as NaN in SenML. */
  | 'not-representable';

/** What {@link ContentError} knows beside its code. */
export interface ContentErrorDetail {
  /** Where the value stands or should stand. */
  readonly path?: Path | undefined;
  /** The number of the format that was asked for. */
  readonly contentFormat?: number | undefined;
  /** The error that led to this one. */
  readonly cause?: unknown;
}

/**
 * A payload whose bytes were readable and whose content is not usable, or values that a format cannot carry.
 *
 * The message holds the path and never a value.
 */
export class ContentError extends Error {
  /** Always `ContentError`. */
  override readonly name = 'ContentError';
  /** What is wrong. */
  readonly code: ContentErrorCode;
  /** Where the value stands or should stand, if that is known. */
  readonly path: Path | undefined;
  /** The number of the format that was asked for, if that is what is wrong. */
  readonly contentFormat: number | undefined;

  /**
   * @param code what is wrong
   * @param detail where, in which format, and what led to it
   */
  constructor(code: ContentErrorCode, detail: ContentErrorDetail = {}) {
    // An error takes its cause from any object that has one.
    super(messageOf(code, detail), detail);
    this.code = code;
    this.path = detail.path;
    this.contentFormat = detail.contentFormat;
  }

  /**
   * `instanceof` that also holds across two installed copies of this package.
   *
   * @param value anything
   * @returns whether `value` is a `ContentError`
   */
  static is(value: unknown): value is ContentError {
    return value instanceof Error && value.name === 'ContentError' && 'code' in value;
  }
}

function messageOf(code: ContentErrorCode, { path, contentFormat }: ContentErrorDetail): string {
  const place = path ? ` at /${pathText(path)}` : '';
  return code + place + (contentFormat === undefined ? '' : ` (Content-Format ${contentFormat})`);
}

/** Shows any path, the one of a Create without instance id too: `3303/?/5700`. */
function pathText({ objectId, objectInstanceId, resourceId, resourceInstanceId }: Path): string {
  const ids = [objectId, objectInstanceId, resourceId, resourceInstanceId].map((id) => id ?? '?');
  return ids.join('/').replace(/[?/]*$/, '');
}
