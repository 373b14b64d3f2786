import { formatPath } from '@motestack/model';
import { Device, Server, Temperature } from '@motestack/objects';
import type { LwM2mServer, RegisteredDevice } from '@motestack/server/node';
import { expectEqual, StoryError, within } from './expectations.ts';
import type { Transcript } from './transcript.ts';

/** How long one step may take. */
const STEP_MS = 5_000;

const NOTIFICATIONS_WANTED = 4;

/** Registration and the list of objects. */
export function tellRegistration(device: RegisteredDevice, transcript: Transcript): void {
  const { registration } = device;
  transcript.line('device', `registers as ${device.endpoint}, LwM2M ${device.lwm2mVersion}, from ${device.peer}`);
  transcript.line('device', `stays for ${registration.lifetimeSeconds} s, binding ${registration.binding}`);
  for (const { objectId, version, instances } of registration.inventory.objects) {
    const which = instances.length === 0 ? 'no instance yet' : `instances ${instances.join(', ')}`;
    transcript.line('device', `has /${objectId}${version === undefined ? '' : ` (version ${version})`}: ${which}`);
  }
}

/** Discover: what is there, without the values. */
export async function tellDiscover(device: RegisteredDevice, transcript: Transcript): Promise<void> {
  const nodes = await device.discover('/3');
  transcript.line('server', `Discover /3 → ${nodes.map(({ path }) => formatPath(path)).join(' ')}`);
  const found = nodes.some(({ path }) => formatPath(path) === '/3/0/0');
  if (!found) throw new StoryError('Discover /3 does not name /3/0/0');
}

/** Reads whose types the compiler knows. */
export async function tellReads(device: RegisteredDevice, transcript: Transcript): Promise<void> {
  const maker: string = await device.read(Device.manufacturer);
  transcript.line('server', `Read ${Device.manufacturer} (Manufacturer, a string) → ${maker}`);
  expectEqual('the manufacturer', maker, 'Motestack');
  const battery: number = await device.read(Device.batteryLevel);
  transcript.line('server', `Read ${Device.batteryLevel} (Battery Level, a number) → ${battery}`);
  expectEqual('the battery level', battery, 87);
  const all = await device.read(Device.at(0));
  transcript.line('server', `Read ${Device.at(0)} (all of it) → ${Object.keys(all).join(', ')}`);
  expectEqual('the model number', all.modelNumber, 'Demo thermometer');
}

/** A Write that changes the lifetime, and the Update that follows from it. */
export async function tellLifetime(
  server: LwM2mServer,
  device: RegisteredDevice,
  transcript: Transcript,
): Promise<void> {
  const updated = nextEvent(server, 'updated', device.endpoint);
  await device.write(Server.lifetime, 120);
  transcript.line('server', `Write ${Server.lifetime} (Lifetime) = 120`);
  const { registration } = await within('the Update', STEP_MS, updated);
  transcript.line('device', `Update: the lifetime is now ${registration.lifetimeSeconds} s`);
  expectEqual('the lifetime', registration.lifetimeSeconds, 120);
}

/** Observe with attributes; the values come in live. */
export async function tellObserve(device: RegisteredDevice, transcript: Transcript): Promise<void> {
  const attributes = { pmin: 0, pmax: 60, st: 0.5 };
  transcript.line('server', `Observe ${Temperature.sensorValue} (a number), a step of 0.5 at least`);
  const values: number[] = [];
  for await (const celsius of device.observe(Temperature.sensorValue, { attributes })) {
    transcript.line('device', `Notify ${Temperature.sensorValue} → ${celsius} °C`);
    const previous = values.at(-1);
    if (previous !== undefined && Math.abs(celsius - previous) < attributes.st - 1e-9) {
      throw new StoryError(`a step from ${previous} to ${celsius} should not have been notified`);
    }
    values.push(celsius);
    if (values.length === NOTIFICATIONS_WANTED) break; // cancels
  }
  transcript.line('server', 'has seen enough and cancels the observation');
  expectEqual('the number of values', values.length, NOTIFICATIONS_WANTED);
}

/** Execute Reboot, and the registration that comes after it. */
export async function tellReboot(
  server: LwM2mServer,
  device: RegisteredDevice,
  transcript: Transcript,
): Promise<RegisteredDevice> {
  const registered = nextEvent(server, 'registered', device.endpoint);
  await device.execute(Device.reboot);
  transcript.line('server', `Execute ${Device.reboot} (Reboot) → done`);
  const again = await within('the registration after the reboot', STEP_MS, registered);
  transcript.line(
    'device',
    `registers again, and is ${again.registration.id === device.registration.id ? 'the old' : 'a new'} registration`,
  );
  expectEqual('the old registration is over', device.signal.aborted, true);
  return again;
}

/** The next event of one kind for one endpoint. */
export function nextEvent(
  server: LwM2mServer,
  event: 'registered' | 'updated' | 'deregistered',
  endpoint: string,
): Promise<RegisteredDevice> {
  return new Promise((resolve) => {
    const once = new AbortController();
    server.on(
      event,
      (device: RegisteredDevice) => {
        if (device.endpoint !== endpoint) return;
        once.abort();
        resolve(device);
      },
      { signal: once.signal },
    );
  });
}
