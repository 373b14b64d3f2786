import { encodeUtf8 } from '@motestack/bytes';
import { formatLinkFormat, type Link, type LinkAttribute } from '@motestack/link-format';
import type { CoapAnswer } from '../server/coap-answer.ts';
import type { CoapRequest } from '../server/coap-request.ts';
import { ContentFormat, Method, ResponseCode } from '../wire/index.ts';
import { chooseContentFormat } from './answers.ts';
import type { RoutedResource } from './route.ts';
import type { RouteNode } from './route-tree.ts';

/** Attributes whose values are lists with spaces between: each member is looked at (RFC 6690 §4.1, RFC 7252 §7.2.1). */
const LISTS: ReadonlySet<string> = new Set(['rt', 'if', 'rel', 'rev', 'ct']);

/** Whether a path is that of discovery. */
export function isWellKnownCore(path: readonly string[]): boolean {
  return path.length === 2 && path[0] === '.well-known' && path[1] === 'core';
}

/**
 * Answers a request to `/.well-known/core`.
 *
 * @param links all there are
 * @throws {AnswerError} 4.06: another format than link format is wanted
 * @see RFC 6690 §4
 */
export function answerDiscovery(request: CoapRequest, links: readonly Link[]): CoapAnswer {
  if (request.code !== Method.Get) return { code: ResponseCode.MethodNotAllowed };
  const contentFormat = chooseContentFormat(request, [ContentFormat.LinkFormat]);
  const found = filterLinks(links, request.query);
  return { code: ResponseCode.Content, contentFormat, payload: encodeUtf8(formatLinkFormat(found)) };
}

/**
 * Chooses links.
 *
 * @param links the target counts as attribute `href`
 * @param query arguments `name=value`, `name=prefix*`, or `name` for links that have it at all; all must hold
 * @see RFC 6690 §4.1
 */
export function filterLinks(links: readonly Link[], query: readonly string[]): Link[] {
  const conditions = query.map(parseCondition);
  return links.filter((link) => conditions.every((condition) => condition(link)));
}

function parseCondition(argument: string): (link: Link) => boolean {
  const [, name = argument, text] = /^([^=]*)=(.*)$/s.exec(argument) ?? [];
  const isPrefix = text?.endsWith('*') === true;
  const wanted = isPrefix ? text.slice(0, -1) : text;
  return (link) => {
    const values = valuesOf(link, name);
    if (wanted === undefined) return values.length > 0;
    return values.some((value) => (isPrefix ? value.startsWith(wanted) : value === wanted));
  };
}

function valuesOf(link: Link, name: string): string[] {
  if (name === 'href') return [link.target];
  const values = link.attributes.filter((attribute) => attribute.name === name).map(({ value }) => value ?? '');
  return LISTS.has(name) ? values.flatMap((value) => value.split(' ')) : values;
}

/** Links to the resources of a tree, in the order in which they were added; patterns with parameters are no links. */
export function linksOf<Identity>(node: RouteNode<RoutedResource<Identity>>, target = ''): Link[] {
  const { resource } = node;
  const links: Link[] = [];
  if (resource !== undefined && resource.attributes.hidden !== true) {
    links.push({ target: target === '' ? '/' : target, attributes: attributesOf(resource.attributes) });
  }
  for (const [text, child] of node.children) links.push(...linksOf(child, `${target}/${encodeURIComponent(text)}`));
  return links;
}

function attributesOf({
  title,
  rt,
  if: interfaces,
  ct,
  sz,
  obs,
}: RoutedResource<never>['attributes']): LinkAttribute[] {
  const attributes: LinkAttribute[] = [];
  const add = (
    name: string,
    value: string | number | readonly (string | number)[] | undefined,
    quoted: boolean,
  ): void => {
    if (value === undefined) return;
    const text = Array.isArray(value) ? value.join(' ') : String(value);
    attributes.push({ name, value: text, quoted: quoted || text.includes(' ') });
  };
  add('title', title, true);
  add('rt', rt, true);
  add('if', interfaces, true);
  add('ct', ct, false);
  add('sz', sz, false);
  if (obs === true) attributes.push({ name: 'obs', value: undefined, quoted: false });
  return attributes;
}
