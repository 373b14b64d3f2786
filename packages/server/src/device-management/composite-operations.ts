import { type CoapRequestInit, type CoapResponse, ResponseCode } from '@motestack/coap';
import { encodePaths } from '@motestack/codecs';
import { formatPath, isWithin, type LwM2mNode, type ObjectLookup, type Path } from '@motestack/model';
import type { Operation } from '../lwm2m-error.ts';
import type { CompositeReadOptions, FormatOptions } from '../registered-device.ts';
import { compositeFormat, compositeReadFormat } from './content-format-choice.ts';
import { chosenFormat, type DeviceManagement, isExact, type ResolvedCall, type Target } from './device-management.ts';
import { nodesFromValue } from './nodes-from-values.ts';
import { valueFromNodes } from './values-from-nodes.ts';

/** A call on several paths at once. */
export interface CompositeCall extends ResolvedCall {
  /** The paths, in the order of the caller. */
  readonly parts: readonly { readonly at: Path; readonly isExact: boolean }[];
}

/** Paths of one composite operation, at most: what fits a request and its answer on a constrained device is far less. */
export const COMPOSITE_PATHS_MAX = 256;

/**
 * Operations on several paths at once.
 *
 * @see LwM2M Core §6.3.8 (Read-Composite), §6.3.9 (Write-Composite), §6.4.4 (Observe-Composite)
 */
export class CompositeOperations {
  readonly #management: DeviceManagement;

  /** @param management the operations on one path of the same device */
  constructor(management: DeviceManagement) {
    this.#management = management;
  }

  /** Reads paths: FETCH of the root. @returns a value for each path, `undefined` where the device gives none */
  async read(
    targets: readonly Target[],
    options: CompositeReadOptions,
    calledFrom: Error,
  ): Promise<readonly unknown[]> {
    const call = this.resolve('Read-Composite', targets, options, calledFrom);
    const response = await this.#management.send(call, this.readRequest(call, options), options);
    this.#management.assertSuccess(call, response, ResponseCode.Content);
    return this.valuesOf(call, this.decode(call, response));
  }

  /** Writes paths, all or none of them: iPATCH of the root. `null` removes a resource instance. */
  async write(
    writes: readonly (readonly [Target, unknown])[],
    options: FormatOptions,
    calledFrom: Error,
  ): Promise<void> {
    const targets = writes.map(([target]) => target);
    const call = this.resolve('Write-Composite', targets, {}, calledFrom);
    const init = this.#management.guardArgument(call, (): CoapRequestInit => {
      const nodes = writes.flatMap(([, value], index) => this.#nodesOf(call, index, value));
      const removes = nodes.some(({ value }) => value === undefined);
      const contentFormat = chosenFormat(options) ?? compositeFormat(this.#management.device, removes);
      const path = this.#management.segments(call.at);
      return { method: 'iPATCH', path, ...this.#management.payload(call, nodes, contentFormat) };
    });
    this.#management.assertSuccess(call, await this.#management.send(call, init, options));
  }

  /** Reads the paths of a call and finds the definitions for them. @throws {InvalidArgumentError} */
  resolve(
    operation: Operation,
    targets: readonly Target[],
    options: { readonly bigint?: boolean | undefined },
    calledFrom: Error,
  ): CompositeCall {
    const path = targets.join(' ');
    const call = { operation, path, calledFrom };
    return this.#management.guardArgument(call, () => {
      if (targets.length === 0) throw new TypeError('there is no path');
      if (targets.length > COMPOSITE_PATHS_MAX) {
        throw new RangeError(`there are more than ${COMPOSITE_PATHS_MAX} paths`);
      }
      const resolved = targets.map((target) => this.#management.resolve(operation, target, calledFrom));
      const lookup: ObjectLookup = (objectId) => {
        for (const { at, lookup: own } of resolved) {
          if (at.objectId === objectId || at.objectId === undefined) return own(objectId);
        }
        return resolved[0]?.lookup(objectId);
      };
      const parts = resolved.map(({ at }, index) => ({ at, isExact: isExact(targets[index] ?? '', options) }));
      return { ...call, at: {}, lookup, parts };
    });
  }

  /** The request of a Read-Composite; with Observe it becomes that of an Observe-Composite. */
  readRequest(call: CompositeCall, options: FormatOptions): CoapRequestInit {
    return this.#management.guardArgument(call, () => {
      const { device } = this.#management;
      const contentFormat = compositeFormat(device);
      const accept = chosenFormat(options) ?? compositeReadFormat(device);
      const payload = encodePaths(
        contentFormat,
        call.parts.map(({ at }) => at),
      );
      const path = this.#management.segments({});
      return { method: 'FETCH', path, contentFormat, payload, ...(accept === undefined ? {} : { accept }) };
    });
  }

  /** The nodes of an answer. @throws {UnexpectedAnswerError} */
  decode(call: CompositeCall, response: CoapResponse): LwM2mNode[] {
    return this.#management.decode(call, response);
  }

  /** A value for each path, `undefined` where there is none. @throws {UnexpectedAnswerError} */
  valuesOf({ parts, ...call }: CompositeCall, nodes: readonly LwM2mNode[]): readonly unknown[] {
    return this.#management.guardAnswer(call, () =>
      parts.map(({ at, isExact: exact }) => {
        const own = nodes.filter(({ path }) => isWithin(path, at));
        return own.length === 0 ? undefined : valueFromNodes(at, own, call.lookup, exact);
      }),
    );
  }

  #nodesOf(call: CompositeCall, index: number, value: unknown): LwM2mNode[] {
    const at = call.parts[index]?.at ?? {};
    if (value !== null) return nodesFromValue(at, value, call.lookup);
    if (at.resourceInstanceId === undefined) {
      throw new TypeError(`null removes a resource instance, and ${formatPath(at)} is none (LwM2M Core §6.3.9)`);
    }
    return [{ path: at }];
  }
}
