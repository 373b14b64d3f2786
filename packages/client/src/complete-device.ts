import { type ImplementedInstance, resourcesById } from '@motestack/model';

/** Object 3: Device. */
const DEVICE_OBJECT_ID = 3;
/** `/3/0/11`, Error Code; 0 is "no error". */
const ERROR_CODE = 11;
/** `/3/0/16`, Supported Binding and Modes. */
const SUPPORTED_BINDING_AND_MODES = 16;

/** Fills in the mandatory resources of the Device object that the client itself knows, where the application did not. */
export function completeDevice(instance: ImplementedInstance): ImplementedInstance {
  if (instance.objectId !== DEVICE_OBJECT_ID) return instance;
  const resources = resourcesById(instance.definition);
  const own: Record<string, unknown> = {};
  const errorCode = resources.get(ERROR_CODE)?.name;
  if (errorCode !== undefined) own[errorCode] = [0];
  const binding = resources.get(SUPPORTED_BINDING_AND_MODES)?.name;
  if (binding !== undefined) own[binding] = 'U';
  return { ...instance, init: { ...own, ...instance.init } };
}
