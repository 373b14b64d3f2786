export type { DdfErrorCode } from './ddf-error.ts';
export { DdfError } from './ddf-error.ts';
export type { DdfLimits } from './ddf-limits.ts';
export { defaultDdfLimits } from './ddf-limits.ts';
export type { DdfObject, DdfResource } from './ddf-object.ts';
export { objectSpecOf } from './object-spec-of.ts';
export { parseDdf } from './parse-ddf.ts';
