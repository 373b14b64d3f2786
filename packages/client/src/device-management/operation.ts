import type { CoapRequest } from '@motestack/coap';
import { ContentFormat } from '@motestack/codecs';
import { type ObjectLookup, type Path, PathError, pathFromSegments, pathLevel, resourceSpecAt } from '@motestack/model';
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
  | { readonly kind: 'Discover'; readonly path: Path }
  /** `replace`: what the payload lacks goes; `update`: it stays. */
  | { readonly kind: 'Write'; readonly path: Path; readonly mode: 'replace' | 'update' }
  | { readonly kind: 'Write-Attributes'; readonly path: Path }
  | { readonly kind: 'Execute'; readonly path: Path }
  | { readonly kind: 'Create'; readonly path: Path }
  | { readonly kind: 'Delete'; readonly path: Path };

/**
 * Tells the operations of LwM2M apart, by method, path, Content-Format, Accept and Observe. Whether the target exists and
 * allows the operation is not looked at.
 *
 * @param lookup tells whether a resource is a multiple one: a POST on it may be a Write
 * @throws {RequestRefusedError} 4.04 for a path that is none of LwM2M, 4.05 for a method that means nothing there,
 *   4.01 for the objects that hold keys, 4.00 for an Observe with parameters (they are of 1.2)
 * @see LwM2M Transport 1.1.1 §6.4.4, §6.4.5; Core 1.1.1 §6.3
 */
export function parseOperation(request: OperationRequest, lookup: ObjectLookup): Operation {
  const path = parseTarget(request.path);
  if (path.objectId !== undefined && isSecurityObject(path.objectId)) throw new RequestRefusedError('4.01');
  // The root is the target of bootstrap and of composite operations alone.
  if (pathLevel(path) === 'root') throw notAllowed('the root');
  switch (request.method) {
    case 'GET':
      return parseGet(request, path);
    case 'PUT':
      return parsePut(request, path);
    case 'POST':
      return parsePost(request, path, lookup);
    case 'DELETE':
      // Delete of a resource instance is of 1.2.
      if (pathLevel(path) !== 'objectInstance') throw notAllowed('DELETE of anything but an object instance');
      return { kind: 'Delete', path };
    case 'FETCH':
    case 'PATCH':
    case 'iPATCH':
      // FETCH and iPATCH are the composite operations, on the root alone; PATCH is none.
      throw notAllowed(request.method);
  }
}

function parseGet({ accept, observe, query }: OperationRequest, path: Path): Operation {
  if (accept === ContentFormat.LinkFormat) {
    if (pathLevel(path) === 'resourceInstance') throw notAllowed('Discover of a resource instance');
    return { kind: 'Discover', path };
  }
  if (observe === 1) return { kind: 'Cancel Observation', path };
  if (observe !== 0) return { kind: 'Read', path };
  // A client that does not support the Observe parameters of 1.2 must not observe as if there were none (Core 1.2 §6.4.1).
  if (query.length > 0) throw new RequestRefusedError('4.00', 'Observe parameters are not supported');
  return { kind: 'Observe', path };
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
