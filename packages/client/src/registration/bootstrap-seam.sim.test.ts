import { parseCode } from '@motestack/coap';
import { describe, expect, test } from 'vitest';
import { Scene } from '../scripted-server.fixture.ts';
import { pass } from '../watch.fixture.ts';
import type { BootstrapPart, BootstrapReason } from './bootstrap-part.ts';

/** A bootstrap that is finished by the test. */
class ScriptedBootstrap implements BootstrapPart {
  readonly reasons: BootstrapReason[] = [];
  finish: (succeeded: boolean) => void = () => undefined;

  bootstrap(reason: BootstrapReason): Promise<boolean> {
    this.reasons.push(reason);
    return new Promise((resolve) => {
      this.finish = resolve;
    });
  }
}

const exact = { uri: 'coap://server', lifetimeSeconds: 300, retry: { jitterFactor: 1, count: 2 } };
const refuse = (code: string) => () => ({ code: parseCode(code) });

describe('fallback to bootstrap (object 1, resource 16)', () => {
  test('an explicit rejection leads there at once, and what comes of it to a Register', async () => {
    const scene = new Scene();
    const bootstrapPart = new ScriptedBootstrap();
    scene.server.script = refuse('4.03');
    const client = await scene.start({ server: exact, bootstrapPart });
    await pass(scene, 1);
    expect(client.inspect().servers[0]?.state).toBe('bootstrapping');
    expect(bootstrapPart.reasons).toEqual(['registration-failed']);
    expect(scene.errors[0]?.message).toContain('the bootstrap interface takes over');
    scene.server.script = () => undefined;
    bootstrapPart.finish(true);
    await scene.network.settle(client.registered());
  });

  test('silence leads there after the last attempt of the last sequence', async () => {
    const scene = new Scene();
    const bootstrapPart = new ScriptedBootstrap();
    scene.server.script = refuse('5.03');
    await scene.start({ server: exact, bootstrapPart });
    await pass(scene, 59);
    expect(bootstrapPart.reasons).toEqual([]);
    await pass(scene, 2);
    expect(bootstrapPart.reasons).toEqual(['registration-failed']);
  });

  test('one that fails is followed by the pause of a sequence, and another attempt', async () => {
    const scene = new Scene();
    const bootstrapPart = new ScriptedBootstrap();
    scene.server.script = refuse('4.00');
    const retry = { ...exact.retry, sequenceDelaySeconds: 600 };
    const client = await scene.start({ server: { ...exact, retry }, bootstrapPart });
    await pass(scene, 1);
    bootstrapPart.finish(false);
    await pass(scene, 598);
    expect(client.inspect().servers[0]?.state).toBe('waiting');
    await pass(scene, 4);
    expect(bootstrapPart.reasons).toHaveLength(2);
  });

  test('false goes on with the attempts', async () => {
    const scene = new Scene();
    const bootstrapPart = new ScriptedBootstrap();
    scene.server.script = refuse('4.03');
    const client = await scene.start({ server: { ...exact, bootstrapsOnFailure: false }, bootstrapPart });
    await pass(scene, 100);
    expect(bootstrapPart.reasons).toEqual([]);
    expect(client.inspect().servers[0]?.state).toBe('waiting');
  });

  test('without either, MAX_VALUE as pause ends it: failed, until the application says otherwise (resource 19)', async () => {
    const scene = new Scene();
    scene.server.script = refuse('5.03');
    const retry = { ...exact.retry, sequenceDelaySeconds: 4_294_967_295 };
    const client = await scene.start({ server: { ...exact, retry } });
    await pass(scene, 1_000_000);
    expect(client.inspect().servers[0]?.state).toBe('failed');
    expect(scene.server.seen).toHaveLength(2);
    scene.server.script = () => undefined;
    client.register();
    await scene.network.settle(client.registered());
  });
});

describe('Bootstrap-Request Trigger (/1/x/9)', () => {
  test('is answered, then everything is left to the bootstrap', async () => {
    const scene = new Scene();
    const bootstrapPart = new ScriptedBootstrap();
    const client = await scene.registered({ server: exact, bootstrapPart });
    const told: string[] = [];
    client.on('bootstrap', (reason) => void told.push(reason));
    expect(await scene.network.settle(scene.server.code('POST', '/1/0/9'))).toBe('2.04');
    await pass(scene, 1);
    expect([told, bootstrapPart.reasons]).toEqual([['triggered'], ['triggered']]);
    expect(client.inspect().servers[0]).toMatchObject({ state: 'bootstrapping', coap: null });
    bootstrapPart.finish(true);
    await scene.network.settle(client.registered());
    expect(scene.told.at(-1)).toBe('registered /rd/the place/2');
  });

  test('is not there where there is nothing to bootstrap with', async () => {
    const scene = new Scene();
    await scene.registered();
    expect(await scene.network.settle(scene.server.code('POST', '/1/0/9'))).toBe('4.04');
  });

  test('a bootstrap that throws is told, and counts as one that failed', async () => {
    const scene = new Scene();
    const cause = new Error('no way');
    const client = await scene.registered({ bootstrapPart: { bootstrap: () => Promise.reject(cause) } });
    await scene.network.settle(client.bootstrap());
    expect(scene.errors).toMatchObject([{ code: 'bootstrap-failed', cause }]);
    expect(client.inspect().servers[0]?.state).toBe('waiting');
  });
});
