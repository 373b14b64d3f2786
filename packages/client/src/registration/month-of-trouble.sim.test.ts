import { parseCode } from '@motestack/coap';
import { expect, test } from 'vitest';
import { Scene } from '../scripted-server.fixture.ts';
import { pass } from '../watch.fixture.ts';

const CODES = ['4.00', '4.03', '4.04', '5.00', '5.03'];

test.each([1, 2, 3, 4])(
  'a month of trouble, seed %d: afterwards the client is registered, and nothing is left over',
  async (seed) => {
    const scene = new Scene({ seed, loss: 0.2 });
    const queueMode = seed % 2 === 0;
    const retry = { timerSeconds: 10, sequenceDelaySeconds: 3_600 };
    const client = await scene.start({
      server: { uri: 'coap://server', lifetimeSeconds: 3_600, retry },
      queueMode,
      keepAliveSeconds: 1_800,
    });
    const draw = (below: number): number => Math.floor(scene.network.random() * below);
    for (let trouble = 0; trouble < 300; trouble++) {
      const kind = draw(8);
      if (kind === 0) client.offline();
      else if (kind === 1) client.online();
      else if (kind === 2) client.networkChanged();
      else if (kind === 3) client.update();
      else if (kind === 4) client.register();
      else if (kind === 5) scene.server.script = () => ({ code: parseCode(CODES[draw(CODES.length)] ?? '5.00') });
      else scene.server.script = () => undefined;
      await pass(scene, 10 ** draw(5));
    }
    scene.server.script = () => undefined;
    scene.network.degrade({ loss: 0 });
    client.networkChanged();
    await scene.network.settle(client.registered());
    await pass(scene, 10_000);
    expect(['registered', 'asleep']).toContain(client.inspect().servers[0]?.state);
    await scene.network.settle(client.stop());
    expect(client.inspect().servers[0]).toMatchObject({ state: 'stopped', coap: null, observations: 0 });
  },
  60_000,
);
