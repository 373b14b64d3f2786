import type { LwM2mServer, RegisteredDevice } from '@motestack/server/node';

const EVENT_TIMEOUT_MS = 15_000;

/** The next event of one kind. Call it before what causes the event. */
export function nextEvent(
  server: LwM2mServer,
  event: 'registered' | 'updated' | 'deregistered',
  wanted: (device: RegisteredDevice, reason?: string) => boolean = () => true,
): Promise<{ readonly device: RegisteredDevice; readonly reason: string | undefined }> {
  return new Promise((resolve, reject) => {
    const over = new AbortController();
    const timer = setTimeout(() => {
      over.abort();
      reject(new Error(`no ${event} in ${EVENT_TIMEOUT_MS} ms`));
    }, EVENT_TIMEOUT_MS);
    const told = (device: RegisteredDevice, reason?: string): void => {
      if (over.signal.aborted || !wanted(device, reason)) return;
      clearTimeout(timer);
      over.abort();
      resolve({ device, reason });
    };
    server.on(event, told, { signal: over.signal });
  });
}
