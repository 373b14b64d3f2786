import type { Clock } from '@motestack/coap';
import { type ImplementedInstance, type Path, resourcesById } from '@motestack/model';
import { instancePath, type TreeInstance } from '../device-management/object-tree.ts';
import { setContent } from '../device-management/set-content.ts';

/** Object 3: Device. */
const DEVICE_OBJECT_ID = 3;

/** Resources of object 3 that the client fills in. */
const Resource = { ErrorCode: 11, ResetErrorCode: 12, CurrentTime: 13, SupportedBindingAndModes: 16 } as const;

/** What the client knows of the device. */
export interface DeviceFacts {
  /** The letters of the transports that its accounts name. */
  readonly bindings: string;
  readonly clock: Clock;
}

/**
 * Fills in resources of the Device object that the client itself knows, where the application did not: no error, the time of
 * the clock, which a server may set, and the bindings of its accounts.
 */
export function completeDevice(instance: ImplementedInstance, { bindings, clock }: DeviceFacts): ImplementedInstance {
  if (instance.objectId !== DEVICE_OBJECT_ID) return instance;
  const resources = resourcesById(instance.definition);
  const own: Record<string, unknown> = {};
  const fill = (id: number, implementation: unknown): void => {
    const name = resources.get(id)?.name;
    if (name !== undefined) own[name] = implementation;
  };
  let offsetMs = 0;
  fill(Resource.ErrorCode, [0]);
  fill(Resource.CurrentTime, {
    read: () => new Date(Math.floor((clock.epochMs() + offsetMs) / 1_000) * 1_000),
    write: (time: Date) => {
      offsetMs = time.getTime() - clock.epochMs();
    },
  });
  fill(Resource.SupportedBindingAndModes, bindings);
  return { ...instance, init: { ...own, ...instance.init } };
}

/**
 * Adds Reset Error Code (`/3/0/12`) where the client keeps the error codes and the application did not implement it: only "no
 * error" is left.
 *
 * @param changed told what changed, after the answer
 */
export function withResetErrorCode(
  instance: TreeInstance,
  { definition }: ImplementedInstance,
  changed: (paths: readonly Path[]) => void,
): TreeInstance {
  const errorCode = instance.resources.get(Resource.ErrorCode);
  const spec = resourcesById(definition).get(Resource.ResetErrorCode)?.spec;
  const isOurs = instance.objectId === DEVICE_OBJECT_ID && !instance.resources.has(Resource.ResetErrorCode);
  if (!isOurs || spec === undefined || errorCode?.kind !== 'kept') return instance;
  const path = { ...instancePath(instance), resourceId: Resource.ErrorCode };
  const execute = (_args: unknown, afterAnswer: (run: () => void) => void): void => {
    if (setContent(errorCode, path, [0])) afterAnswer(() => changed([path]));
  };
  const resources = [
    ...instance.resources,
    [Resource.ResetErrorCode, { kind: 'executable' as const, spec, execute }] as const,
  ];
  return { ...instance, resources: new Map(resources.sort(([a], [b]) => a - b)) };
}
