import { ID_MAX } from '../path.ts';
import type { Operations, ResourceType } from '../resource-value.ts';
import { DdfError, type DdfErrorCode } from './ddf-error.ts';
import { type DdfLimits, resolveDdfLimits } from './ddf-limits.ts';
import type { DdfObject, DdfResource } from './ddf-object.ts';
import { parseXml } from './parse-xml.ts';
import type { XmlElement } from './xml-element.ts';

/**
 * Reads a definition file (DDF), as the OMA registry and vendors publish them.
 *
 * Elements that the schema does not know are passed over. Real files are taken as they are: with a byte order mark, without
 * `RangeEnumeration`, in another order, without `ObjectVersion`, with spaces around names, with an executable that has a
 * type or several instances, and with a readable resource that has no type.
 *
 * @param text the file, decoded
 * @param limits those that are to differ from {@link defaultDdfLimits}
 * @returns the objects as they stand in the file, at least one
 * @throws {DdfError} with line and column
 * @throws {RangeError} for a limit that is no positive integer
 * @see LwM2M Core 1.2 Appendix J (Object Definition File), Appendix K (schema)
 */
export function parseDdf(text: string, limits: Partial<DdfLimits> = {}): DdfObject[] {
  const root = parseXml(text, resolveDdfLimits(limits));
  const reader = new DdfReader(text);
  return reader.objects(root);
}

const OPERATIONS: readonly string[] = ['R', 'W', 'RW', 'E', ''] satisfies Operations[];
const TYPES: readonly string[] = [
  'String',
  'Integer',
  'Unsigned Integer',
  'Float',
  'Boolean',
  'Opaque',
  'Time',
  'Objlnk',
  'Corelnk',
  '',
] satisfies ResourceType[];
const VERSION = /^\d{1,4}\.\d{1,4}$/;

class DdfReader {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  objects(root: XmlElement): DdfObject[] {
    const elements = root.name === 'LWM2M' ? root.children.filter(({ name }) => name === 'Object') : [];
    if (elements.length === 0) throw this.#error('not-a-definition', root, 'LWM2M with an Object is expected');
    const seen = new Set<string>();
    return elements.map((element) => {
      const object = this.#object(element);
      const key = `${object.id} ${object.version}`;
      if (seen.has(key))
        throw this.#error('duplicate', element, `object ${object.id} in version ${object.version} stands twice`);
      seen.add(key);
      return object;
    });
  }

  #error(code: DdfErrorCode, { offset }: XmlElement, reason: string): DdfError {
    return new DdfError(code, this.#text, offset, reason);
  }

  #object(element: XmlElement): DdfObject {
    const id = this.#id(this.#line(element, 'ObjectID'), this.#required(element, 'ObjectID'));
    const urn = this.#line(element, 'ObjectURN');
    const lwm2mVersion = this.#line(element, 'LWM2MVersion');
    const description = this.#child(element, 'Description1')?.text.trim();
    return {
      id,
      version: this.#version(element, id, urn),
      name: this.#name(element),
      ...(urn && { urn }),
      ...(lwm2mVersion && { lwm2mVersion }),
      ...(this.#flag(element, 'MultipleInstances', 'Multiple', 'Single') && { multiple: true }),
      ...(this.#flag(element, 'Mandatory', 'Mandatory', 'Optional') && { mandatory: true }),
      ...(description && { description }),
      resources: this.#resources(this.#required(element, 'Resources')),
    };
  }

  /** LwM2M Core 1.2 §7.2.2, Appendix J: an object of version 1.0 need not state it; a URN may. */
  #version(element: XmlElement, id: number, urn: string): string {
    const stated = this.#line(element, 'ObjectVersion');
    if (stated !== '' && !VERSION.test(stated))
      throw this.#error('bad-value', this.#required(element, 'ObjectVersion'), 'a version is major.minor');
    const ofUrn = urn.startsWith('urn:oma:lwm2m:') ? urn.split(`:${id}:`).at(1) : undefined;
    return stated || (ofUrn !== undefined && VERSION.test(ofUrn) ? ofUrn : '1.0');
  }

  #resources(element: XmlElement): DdfResource[] {
    const items = element.children.filter(({ name }) => name === 'Item');
    const ids = new Set<number>();
    const resources = items.map((item) => {
      const resource = this.#resource(item);
      if (ids.has(resource.id)) throw this.#error('duplicate', item, `resource ${resource.id} stands twice`);
      ids.add(resource.id);
      return resource;
    });
    return resources.sort((a, b) => a.id - b.id);
  }

  #resource(item: XmlElement): DdfResource {
    const stated = item.attributes.get('ID');
    if (stated === undefined) throw this.#error('missing', item, 'a resource needs an ID');
    const range = this.#line(item, 'RangeEnumeration');
    const units = this.#line(item, 'Units');
    const description = this.#child(item, 'Description')?.text.trim();
    return {
      id: this.#id(stated.trim(), item),
      name: this.#name(item),
      operations: this.#oneOf(item, 'Operations', OPERATIONS) as Operations,
      type: this.#oneOf(item, 'Type', TYPES) as ResourceType,
      ...(this.#flag(item, 'MultipleInstances', 'Multiple', 'Single') && { multiple: true }),
      ...(this.#flag(item, 'Mandatory', 'Mandatory', 'Optional') && { mandatory: true }),
      ...(range && { range }),
      ...(units && { units }),
      ...(description && { description }),
    };
  }

  #child(element: XmlElement, name: string): XmlElement | undefined {
    const [first, second] = element.children.filter((child) => child.name === name);
    if (second !== undefined) throw this.#error('duplicate', second, `${name} stands twice`);
    return first;
  }

  #required(element: XmlElement, name: string): XmlElement {
    const child = this.#child(element, name);
    if (child === undefined) throw this.#error('missing', element, `${element.name} needs ${name}`);
    return child;
  }

  /** The text of a child in one line, empty where there is none. */
  #line(element: XmlElement, name: string): string {
    const child = this.#child(element, name);
    if (child === undefined) return '';
    const [within] = child.children;
    if (within !== undefined) throw this.#error('bad-value', within, `${name} holds text alone`);
    return child.text.trim().replaceAll(/\s+/g, ' ');
  }

  #name(element: XmlElement): string {
    const name = this.#line(element, 'Name');
    if (name === '')
      throw this.#error(
        this.#child(element, 'Name') ? 'bad-value' : 'missing',
        element,
        `${element.name} needs a Name`,
      );
    return name;
  }

  #id(text: string, where: XmlElement): number {
    const id = Number(text);
    if (!(/^\d{1,5}$/.test(text) && id <= ID_MAX)) throw this.#error('bad-value', where, `an id is 0 to ${ID_MAX}`);
    return id;
  }

  #flag(element: XmlElement, name: string, yes: string, no: string): boolean {
    return this.#oneOf(element, name, [yes, no]) === yes;
  }

  #oneOf(element: XmlElement, name: string, allowed: readonly string[]): string {
    const child = this.#required(element, name);
    const text = this.#line(element, name);
    if (allowed.includes(text)) return text;
    throw this.#error('bad-value', child, `${name} is one of ${allowed.map((value) => value || 'nothing').join(', ')}`);
  }
}
