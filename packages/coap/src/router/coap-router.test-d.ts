import { expectTypeOf } from 'vitest';
import type { CoapRequest, CoapRouter, ObservableResource, PeerId, RequestHandler, RouteParams } from '../index.ts';
import { content } from '../index.ts';

expectTypeOf<keyof RouteParams<'/a/b'>>().toEqualTypeOf<never>();
expectTypeOf<RouteParams<'/sensors/:id'>>().toEqualTypeOf<{ readonly id: string }>();
expectTypeOf<RouteParams<'/:a/x/:b/*rest'>>().toEqualTypeOf<{
  readonly a: string;
  readonly b: string;
  readonly rest: readonly string[];
}>();
expectTypeOf<RouteParams<'/*'>>().toEqualTypeOf<{ readonly '*': readonly string[] }>();
expectTypeOf<RouteParams<string>>().toEqualTypeOf<Readonly<Record<string, string | readonly string[]>>>();

declare const router: CoapRouter<{ readonly name: string }>;
declare const pattern: string;

expectTypeOf(router.handler).toEqualTypeOf<RequestHandler>();
router.get('/sensors/:id', ({ request, params, peer, identity }) => {
  expectTypeOf(request).toEqualTypeOf<CoapRequest>();
  expectTypeOf(params).toEqualTypeOf<{ readonly id: string }>();
  expectTypeOf(peer).toEqualTypeOf<PeerId>();
  expectTypeOf(identity).toEqualTypeOf<{ readonly name: string } | undefined>();
  return content(params.id);
});
router.get(pattern, ({ params: { x } }) => content(String(x)));
const sensor = router.observable('/sensors/:id', { get: async ({ params }) => content(params.id), rt: 'sensor' });
expectTypeOf(sensor).toEqualTypeOf<ObservableResource<{ readonly id: string }>>();
router.observable('/x', {
  get: () => content(''),
  authorize: ({ identity }) => {
    if (identity === undefined) throw new Error('unknown');
  },
});
router.observable('/x', { get: () => content(''), authorize: async () => {} });
sensor.changed();
sensor.changed({ id: '1' });

// @ts-expect-error the pattern has no such parameter
router.get('/sensors/:id', ({ params }) => content(params.name));
// @ts-expect-error nor such a path to change
sensor.changed({ name: '1' });
// @ts-expect-error what is read goes to all: it cannot depend on who asks
router.observable('/x', { get: ({ peer }) => content(peer) });
// @ts-expect-error a handler answers
router.get('/x', () => {});
