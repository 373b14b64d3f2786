import type { CoapRequest } from '@motestack/coap';
import { ContentFormat } from '@motestack/codecs';
import { type ObjectLookup, type Path, PathError, pathFromSegments, pathLevel, resourceSpecAt } from '@motestack/model';
import type { LwM2mVersion } from '../lwm2m-version.ts';
import { RequestRefusedError } from '../request-refused-error.ts';
import { isSecurityObject } from './object-tree.ts';
import { refusalBecause } from './refusal-because.ts';

/** The parts of a CoAP request that say which operation it is. */
export type OperationRequest = Pick<
  CoapRequest,
  'method' | 'path' | 'query' | 'contentFormat' | 'accept' | 'observe' | 'payload'
>;

/** An operation of the device management or information reporting interface. */
export type Operation =
  | { readonly kind: 'Read' | 'Observe' | 'Cancel Observation'; readonly path: Path }
  /** Several paths at once, which the payload lists; `path` is the root. */
  | { readonly kind: 'Read-Composite' | 'Observe-Composite' | 'Cancel Composite Observation'; readonly path: Path }
  | { readonly kind: 'Write-Composite'; readonly path: Path }
  /** `depth`: how many levels below the path; `undefined`: as many as the level of the path has by default. */
  | { readonly kind: 'Discover'; readonly path: Path; readonly depth: number | undefined }
  /** `replace`: what the payload lacks goes; `update`: it stays. */
  | { readonly kind: 'Write'; readonly path: Path; readonly mode: 'replace' | 'update' }
  | { readonly kind: 'Write-Attributes'; readonly path: Path }
  | { readonly kind: 'Execute'; readonly path: Path }
  | { readonly kind: 'Create'; readonly path: Path }
  | { readonly kind: 'Delete'; readonly path: Path };

/** What a request is judged by, beside itself. */
export interface OperationSurroundings {
  /** Tells whether a resource is a multiple one: a POST on it may be a Write. */
  readonly lookup: ObjectLookup;
  /** Decides which operations there are. */
  readonly lwm2mVersion: LwM2mVersion;
  /** The segments that stand before every path. */
  readonly rootSegments: readonly string[];
}

/**
 * Tells the operations of LwM2M apart, by method, path, Content-Format, Accept and Observe. Whether the target exists and
 * allows the operation is not looked at.
 *
 * @throws {RequestRefusedError} 4.04 for a path that is none of LwM2M, 4.05 for a method that means nothing there,
 *   4.01 for the objects that hold keys, 4.00 for an Observe with parameters where the version has none
 * @see LwM2M Transport 1.1.1 §6.4.4, §6.4.5; Core 1.1.1 §6.3
 */
export function parseOperation(request: OperationRequest, surroundings: OperationSurroundings): Operation {
  const { lookup, lwm2mVersion, rootSegments } = surroundings;
  const path = parseTarget(withoutRoot(request.path, rootSegments));
  if (path.objectId !== undefined && isSecurityObject(path.objectId)) throw new RequestRefusedError('4.01');
  if (pathLevel(path) === 'root') return parseComposite(request, path, lwm2mVersion);
  switch (request.method) {
    case 'GET':
      return parseGet(request, path, lwm2mVersion);
    case 'PUT':
      return parsePut(request, path);
    case 'POST':
      return parsePost(request, path, lookup);
    case 'DELETE': {
      const level = pathLevel(path);
      const isDeletable = level === 'objectInstance' || (level === 'resourceInstance' && lwm2mVersion === '1.2');
      if (!isDeletable) throw notAllowed('DELETE of this level');
      return { kind: 'Delete', path };
    }
    case 'FETCH':
    case 'PATCH':
    case 'iPATCH':
      // FETCH and iPATCH are the composite operations, on the root alone; PATCH is none.
      throw notAllowed(request.method);
  }
}

/** The root is the target of bootstrap and of composite operations alone, which came with 1.1. */
function parseComposite({ method, observe }: OperationRequest, path: Path, lwm2mVersion: LwM2mVersion): Operation {
  if (lwm2mVersion !== '1.0' && method === 'iPATCH') return { kind: 'Write-Composite', path };
  if (lwm2mVersion === '1.0' || method !== 'FETCH') throw notAllowed(`${method} of the root`);
  if (observe === 1) return { kind: 'Cancel Composite Observation', path };
  return { kind: observe === 0 ? 'Observe-Composite' : 'Read-Composite', path };
}

function parseGet({ accept, observe, query }: OperationRequest, path: Path, lwm2mVersion: LwM2mVersion): Operation {
  if (accept === ContentFormat.LinkFormat) {
    if (pathLevel(path) === 'resourceInstance') throw notAllowed('Discover of a resource instance');
    return { kind: 'Discover', path, depth: lwm2mVersion === '1.2' ? depthOf(query) : undefined };
  }
  if (observe === 1) return { kind: 'Cancel Observation', path };
  if (observe !== 0) return { kind: 'Read', path };
  // A client that does not support the Observe parameters of 1.2 must not observe as if there were none (Core 1.2 §6.4.1).
  if (query.length > 0 && lwm2mVersion !== '1.2') {
    throw new RequestRefusedError('4.00', 'Observe parameters are not supported');
  }
  return { kind: 'Observe', path };
}

/** `depth=0` to `depth=3`; any other is ignored (Core 1.2 §6.3.2). */
function depthOf(query: readonly string[]): number | undefined {
  const depth = query.find((parameter) => /^depth=[0-3]$/.test(parameter));
  return depth === undefined ? undefined : Number(depth.slice('depth='.length));
}

function withoutRoot(segments: readonly string[], root: readonly string[]): readonly string[] {
  if (root.every((segment, index) => segment === segments[index])) return segments.slice(root.length);
  throw new RequestRefusedError('4.04', `nothing stands outside of /${root.join('/')}`);
}

function parsePut({ contentFormat, payload }: OperationRequest, path: Path): Operation {
  if (contentFormat === undefined && payload.length === 0) return { kind: 'Write-Attributes', path };
  if (pathLevel(path) === 'object') throw notAllowed('Write of an object');
  return { kind: 'Write', path, mode: 'replace' };
}

function parsePost({ contentFormat }: OperationRequest, path: Path, lookup: ObjectLookup): Operation {
  switch (pathLevel(path)) {
    case 'object':
      return { kind: 'Create', path };
    case 'objectInstance':
      return { kind: 'Write', path, mode: 'update' };
    case 'resource': {
      const multiple = resourceSpecAt(lookup, path)?.multiple === true;
      const arguments_ = contentFormat === undefined || contentFormat === ContentFormat.TextPlain;
      return multiple && !arguments_ ? { kind: 'Write', path, mode: 'update' } : { kind: 'Execute', path };
    }
    case 'resourceInstance':
    case 'root':
      throw notAllowed('POST to a resource instance');
  }
}

/** A skipped or a fifth level is 4.05; what is no number, or beyond 65534, stands nowhere: 4.04 (Transport 1.1.1 §6.7). */
function parseTarget(segments: readonly string[]): Path {
  try {
    return pathFromSegments(segments);
  } catch (error) {
    if (!PathError.is(error)) throw error;
    const malformed = error.code === 'too-deep' || segments.includes('');
    throw refusalBecause(malformed ? '4.05' : '4.04', error);
  }
}

function notAllowed(what: string): RequestRefusedError {
  return new RequestRefusedError('4.05', `${what} is not allowed`);
}
