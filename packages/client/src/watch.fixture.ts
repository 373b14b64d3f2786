import { type CoapObservation, formatCode } from '@motestack/coap';
import { expect } from 'vitest';
import { type Scene, text } from './scripted-server.fixture.ts';

/** The notifications of one observation: `12.5 s: 21.5`. */
export interface Watched {
  readonly lines: string[];
  readonly observation: CoapObservation;
  ended: boolean;
}

/** Observes; times are counted from the answer. */
export async function watch(scene: Scene, path: string, accept = 0): Promise<Watched> {
  const lines: string[] = [];
  let from = scene.network.clock.now();
  const watched: { ended: boolean } = { ended: false };
  const observation = await scene.network.settle(
    scene.server.endpoint.observe(
      scene.server.device,
      { method: 'GET', path: path.slice(1).split('/'), accept },
      {
        onNotification: ({ code, payload, receivedAt }) => {
          const value = code === 0x45 ? text(payload) : formatCode(code);
          lines.push(`${(receivedAt - from) / 1_000} s: ${value}`);
        },
        onEnd: () => {
          watched.ended = true;
        },
      },
    ),
  );
  from = scene.network.clock.now();
  return Object.assign(watched, { lines, observation });
}

/** Attaches attributes at a path. */
export async function attach(scene: Scene, path: string, ...query: string[]): Promise<void> {
  expect(await scene.network.settle(scene.server.code('PUT', path, { query }))).toBe('2.04');
}

/** Runs for so many seconds more. */
export function pass(scene: Scene, seconds: number): Promise<void> {
  return scene.network.run(scene.network.clock.now() + seconds * 1_000);
}
