import { toHex } from '@motestack/bytes';
import {
  AbortSource,
  type CoapAnswer,
  type CoapRequest,
  formatCode,
  Method,
  type ObserverRelation,
} from '@motestack/coap';
import { defineObject, formatPath, type ImplementedInstance } from '@motestack/model';
import { Device } from '@motestack/objects';
import { type ClientLimits, resolveClientLimits } from '../client-limits.ts';
import { AttributeStore } from '../information-reporting/attribute-store.ts';
import type { LwM2mVersion } from '../lwm2m-version.ts';
import { completeDevice } from '../objects/complete-device.ts';
import type { ServerAccess } from './access-control.ts';
import { type ImplementedObject, implementObject } from './implemented-object.ts';
import { ObjectTree, treeInstance } from './object-tree.ts';
import type { Observed } from './operation-host.ts';
import { RequestAnswerer } from './request-answerer.ts';
import type { TransactionHandlers } from './transaction.ts';

/** The peer id of the server in tests of the answerer. */
export const SERVER = '10.0.0.1:5683';

/** An object with every kind of resource. */
export const Gauge = defineObject({
  id: 42_800,
  name: 'Gauge',
  multiple: true,
  resources: {
    reading: { id: 0, operations: 'R', type: 'Float' },
    name: { id: 1, operations: 'RW', type: 'String', mandatory: true },
    limit: { id: 2, operations: 'RW', type: 'Integer', range: '0..100' },
    labels: { id: 3, operations: 'RW', type: 'String', multiple: true },
    key: { id: 4, operations: 'W', type: 'Opaque' },
    reset: { id: 5, operations: 'E', type: '' },
    link: { id: 6, operations: 'RW', type: 'Objlnk' },
    active: { id: 7, operations: 'R', type: 'Boolean' },
    note: { id: 8, operations: 'RW', type: 'String' },
  },
});

const FIXED_CLOCK = { now: () => 0, epochMs: () => 1_700_000_000_000, schedule: () => () => undefined };

/** What a test asks for; a GET of the root without anything. */
export type RequestPart = Partial<CoapRequest> & { readonly method: CoapRequest['method'] };

/** An answerer with what it was told. */
export class AnswererFixture {
  readonly tree = new ObjectTree();
  readonly attributes = new AttributeStore(() => ({}));
  readonly changes: string[] = [];
  readonly failures: { readonly operation: string; readonly path: string | undefined; readonly cause: unknown }[] = [];
  readonly observed: Observed[] = [];
  readonly answerer: RequestAnswerer;
  registered: boolean | Promise<boolean> = true;

  constructor(
    objects: readonly (ImplementedInstance | ImplementedObject)[],
    options: {
      readonly version?: LwM2mVersion;
      readonly limits?: Partial<ClientLimits>;
      readonly access?: ServerAccess;
      readonly transaction?: TransactionHandlers;
      readonly rootPath?: string;
    } = {},
  ) {
    for (const object of objects) {
      if ('handlers' in object) this.tree.addObject(object);
      else
        this.tree.addInstance(
          object.definition,
          treeInstance(completeDevice(object, { bindings: 'U', clock: FIXED_CLOCK })),
        );
    }
    this.answerer = new RequestAnswerer({
      peer: SERVER,
      tree: this.tree,
      access: options.access ?? { isAllowed: () => true, created: () => undefined },
      transaction: options.transaction ?? {},
      attributes: this.attributes,
      limits: resolveClientLimits(options.limits),
      settings: {
        lookup: this.tree.lookup,
        lwm2mVersion: options.version ?? '1.1',
        nowSeconds: 1_700_000_000,
        rootPath: options.rootPath ?? '/',
        rootSegments: options.rootPath === undefined ? [] : options.rootPath.slice(1).split('/'),
      },
      registered: () => this.registered,
      handlerTimeoutMs: 60_000,
      changeCount: () => 0,
      observe: (_request, observed) => this.observed.push(observed),
      changed: (paths) => this.changes.push(...paths.map((path) => `changed ${formatPath(path)}`)),
      instancesChanged: () => this.changes.push('instances'),
      attributesChanged: (path) => this.changes.push(`attributes ${formatPath(path)}`),
      execute: async (_path, run) => run(),
      handlerFailed: (operation, path, cause) =>
        this.failures.push({ operation, path: path === undefined ? undefined : formatPath(path), cause }),
    });
  }

  /** Answers a request and says that the answer was sent. */
  async ask(part: RequestPart): Promise<CoapAnswer> {
    const answer = await this.answerer.answer(requestOf(part));
    answer.whenSent?.();
    return answer;
  }

  /** The code of the answer. */
  async code(part: RequestPart): Promise<string> {
    return formatCode((await this.ask(part)).code);
  }

  /** The payload of the answer as text. */
  async text(part: RequestPart): Promise<string> {
    return new TextDecoder().decode(bytesOf(await this.ask(part)));
  }

  /** The payload of the answer as hex. */
  async hex(part: RequestPart): Promise<string> {
    return toHex(bytesOf(await this.ask(part)));
  }
}

/** The payload of an answer: none of the client's is streamed. */
export function bytesOf({ payload }: CoapAnswer): Uint8Array {
  if (payload !== undefined && !(payload instanceof Uint8Array)) throw new TypeError('the answer is streamed');
  return payload ?? new Uint8Array();
}

/** A request as it comes from the server. */
export function requestOf(part: RequestPart): CoapRequest {
  const codes = {
    GET: Method.Get,
    POST: Method.Post,
    PUT: Method.Put,
    DELETE: Method.Delete,
    FETCH: Method.Fetch,
    PATCH: Method.Patch,
    iPATCH: Method.IPatch,
  };
  return {
    peer: SERVER,
    code: codes[part.method],
    confirmable: true,
    token: Uint8Array.of(1),
    path: [],
    query: [],
    contentFormat: undefined,
    accept: undefined,
    observe: undefined,
    options: [],
    payload: new Uint8Array(),
    body: emptyBody(),
    signal: new AbortSource().signal,
    acceptObserver: () => fakeRelation(),
    ...part,
  };
}

async function* emptyBody(): AsyncGenerator<Uint8Array, void, undefined> {}

/** Splits `/3/0/9` into the segments of a Uri-Path. */
export function segments(path: string): readonly string[] {
  return path === '/' ? [] : path.slice(1).split('/');
}

/** Text as bytes. */
export function utf8(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

/** A Device that does nothing. */
export function someDevice(): ImplementedInstance {
  return Device.instance({ manufacturer: 'Acme', batteryLevel: () => 87, reboot: () => undefined });
}

/** Gauges that servers may create and delete. */
export function creatableGauges(deleted: number[] = []): ImplementedObject {
  return implementObject(Gauge, {
    create: ({ values }) => ({ name: 'unnamed', ...values, reading: () => 20 }),
    delete: (objectInstanceId) => {
      deleted.push(objectInstanceId);
    },
  });
}

function fakeRelation(): ObserverRelation {
  const source = new AbortSource();
  return {
    peer: SERVER,
    token: Uint8Array.of(1),
    notify: () => undefined,
    end: () => source.abort(undefined),
    signal: source.signal,
  };
}
