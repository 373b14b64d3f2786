import type { CoapRequestInit, CoapResponse } from '@motestack/coap';
import type { AttributeChanges } from '@motestack/model';
import { CompositeOperations } from '../device-management/composite-operations.ts';
import { type DeviceManagement, isExact, type Target } from '../device-management/device-management.ts';
import { valueFromNodes } from '../device-management/values-from-nodes.ts';
import type { ObserveCompositeOptions, ObserveOptions } from './observation.ts';
import type { ReportSource } from './report-source.ts';
import type { Sample } from './sample.ts';
import { samplesOf } from './samples-of.ts';

/**
 * What `observe` asks: a GET with Observe.
 *
 * @see LwM2M Core §6.4.1
 */
export class SingleSource<Value> implements ReportSource<Value> {
  readonly call: ReportSource<Value>['call'];
  readonly options: ObserveOptions<string>;
  readonly #target: Target;

  /** @param target what is observed */
  constructor(target: Target, options: ObserveOptions<string>, calledFrom: Error) {
    this.#target = target;
    this.options = options;
    this.call = { operation: 'Observe', path: String(target), calledFrom };
  }

  get paths(): readonly string[] {
    return [this.call.path];
  }

  get attributes(): ReportSource<Value>['attributes'] {
    const { attributes, attributesBy } = this.options;
    return attributes === undefined || attributesBy === 'observe'
      ? undefined
      : { target: this.#target, changes: attributes };
  }

  request(management: DeviceManagement): CoapRequestInit {
    const call = management.resolve('Observe', this.#target, this.call.calledFrom);
    const init = management.readRequest(call, this.options);
    const { attributes, attributesBy } = this.options;
    if (attributes === undefined || attributesBy !== 'observe') return init;
    return { ...init, query: management.attributeQuery(call, attributes) };
  }

  samples(management: DeviceManagement, response: CoapResponse, receivedAt: Date): readonly Sample<Value>[] {
    const call = management.resolve('Observe', this.#target, this.call.calledFrom);
    const nodes = management.decode(call, response);
    const exact = isExact(this.#target, {});
    return management.guardAnswer(call, () =>
      samplesOf(nodes, (own) => valueFromNodes(call.at, own, call.lookup, exact) as Value, receivedAt),
    );
  }
}

/**
 * What `observeComposite` asks: a FETCH with Observe.
 *
 * @see LwM2M Core §6.4.4
 */
export class CompositeSource<Value> implements ReportSource<Value> {
  readonly call: ReportSource<Value>['call'];
  readonly options: ObserveCompositeOptions;
  readonly attributes: undefined = undefined;
  readonly #targets: readonly Target[];

  /** @param targets what is observed */
  constructor(targets: readonly Target[], options: ObserveCompositeOptions, calledFrom: Error) {
    this.#targets = targets;
    this.options = options;
    this.call = { operation: 'Observe-Composite', path: targets.join(' '), calledFrom };
  }

  get paths(): readonly string[] {
    return this.#targets.map(String);
  }

  request(management: DeviceManagement): CoapRequestInit {
    const operations = new CompositeOperations(management);
    const call = operations.resolve('Observe-Composite', this.#targets, {}, this.call.calledFrom);
    const init = operations.readRequest(call, this.options);
    const attributes: AttributeChanges | undefined = this.options.attributes;
    // No condition on a value is among them, so that the root has no type to be checked against (LwM2M Core 1.2 §6.4.1).
    return attributes === undefined ? init : { ...init, query: management.compositeAttributeQuery(call, attributes) };
  }

  samples(management: DeviceManagement, response: CoapResponse, receivedAt: Date): readonly Sample<Value>[] {
    const operations = new CompositeOperations(management);
    const call = operations.resolve('Observe-Composite', this.#targets, {}, this.call.calledFrom);
    const nodes = operations.decode(call, response);
    return samplesOf(nodes, (own) => operations.valuesOf(call, own) as Value, receivedAt);
  }
}
