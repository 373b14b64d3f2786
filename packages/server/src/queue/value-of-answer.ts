import type { DeviceManagement } from '../device-management/device-management.ts';
import { valueFromNodes } from '../device-management/values-from-nodes.ts';
import type { StoredCommand } from './command.ts';

/**
 * What the answer to a command says: the value that was read, or the id of the instance that was created.
 *
 * @returns `undefined` where there is nothing to say, or it cannot be read: the command is over all the same
 */
export function valueOfAnswer(
  management: DeviceManagement,
  { operation, path, state, answer }: StoredCommand,
): unknown {
  if (state !== 'succeeded' || answer === undefined) return undefined;
  const { contentFormat, payload = new Uint8Array(0), locationPath = [] } = answer;
  const call = management.resolve(operation, path, new Error('called from'));
  if (operation === 'Create') return management.createdInstance(call, locationPath);
  if (operation !== 'Read') return undefined;
  const nodes = management.decode(call, { contentFormat, payload });
  return management.guardAnswer(call, () => valueFromNodes(call.at, nodes, call.lookup, true));
}
