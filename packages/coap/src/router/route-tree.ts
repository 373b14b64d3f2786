import type { PatternSegment } from './route-pattern.ts';

/** What stands at a path, and what goes on from there. */
export class RouteNode<Resource> {
  /** Segments that are given as text. */
  readonly children: Map<string, RouteNode<Resource>> = new Map();
  /** Any one segment. */
  parameter: RouteNode<Resource> | undefined;
  /** What stands here. */
  resource: Resource | undefined;
  /** What stands at everything below that nothing else takes. */
  wildcard: Resource | undefined;

  /** The node of a pattern, without its wildcard; made where there is none. */
  nodeAt(segments: readonly PatternSegment[]): RouteNode<Resource> {
    let node: RouteNode<Resource> = this;
    for (const segment of segments) {
      if (segment.kind === 'wildcard') break;
      node = segment.kind === 'static' ? node.#child(segment.text) : node.#parameter();
    }
    return node;
  }

  #child(text: string): RouteNode<Resource> {
    const known = this.children.get(text);
    if (known !== undefined) return known;
    const made = new RouteNode<Resource>();
    this.children.set(text, made);
    return made;
  }

  #parameter(): RouteNode<Resource> {
    this.parameter ??= new RouteNode();
    return this.parameter;
  }
}

/** What a path led to. */
export interface RouteMatch<Resource> {
  readonly resource: Resource;
  /** What the parameters took, in their order. */
  readonly values: readonly string[];
  /** Index of the first segment that a wildcard took; that behind the last one without a wildcard. */
  readonly restFrom: number;
}

const NO_VALUES: readonly string[] = [];

/**
 * Finds what stands at a path. At each segment a text goes before a parameter, and a parameter before a wildcard; where
 * one way leads to nothing, the next is tried. No node is visited twice, since each has one way that leads to it.
 */
export function findRoute<Resource>(
  node: RouteNode<Resource>,
  path: readonly string[],
  depth = 0,
  values: readonly string[] = NO_VALUES,
): RouteMatch<Resource> | undefined {
  const segment = path[depth];
  if (segment === undefined) {
    return node.resource === undefined ? undefined : { resource: node.resource, values, restFrom: depth };
  }
  const child = node.children.get(segment);
  const found = child && findRoute(child, path, depth + 1, values);
  if (found !== undefined) return found;
  if (node.parameter !== undefined) {
    const taken = findRoute(node.parameter, path, depth + 1, [...values, segment]);
    if (taken !== undefined) return taken;
  }
  return node.wildcard === undefined ? undefined : { resource: node.wildcard, values, restFrom: depth };
}
