import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { eventually } from '../src/eventually.ts';
import { type Agreement, agreements, type PeerColumn } from './agreements.ts';
import { type DtlsPeer, type DtlsPeerEnd, type DtlsWish, ianaName } from './dtls-peer.ts';
import { OpensslCertificates } from './openssl-certificates.ts';
import {
  type OurDtlsClient,
  type OurDtlsServer,
  ourClientOptions,
  ourServerOptions,
  startOurDtlsClient,
  startOurDtlsServer,
} from './our-dtls.ts';

/** What the cases of one peer use. */
export interface DtlsCases {
  /** Certificates and keys; there while cases run. */
  files(): OpensslCertificates;
  /** Ends something after the case, the last one first. */
  ending<T extends { stop(): Promise<unknown> } | { close(): unknown }>(thing: T): T;
}

/** Sets up certificates for the cases of a file, and ends what they began. */
export function dtlsCases(): DtlsCases {
  let made: OpensslCertificates | undefined;
  const ends: (() => unknown)[] = [];
  beforeAll(() => {
    made = new OpensslCertificates();
  });
  afterAll(() => made?.remove());
  afterEach(async () => {
    for (const end of ends.splice(0).reverse()) await end();
  });
  return {
    files: () => {
      if (made === undefined) throw new Error('there are no certificates');
      return made;
    },
    ending: (thing) => {
      ends.push(() => ('stop' in thing ? thing.stop() : thing.close()));
      return thing;
    },
  };
}

/** Its client at our server: data both ways, and both tell the suite and the credential that were wished for. */
export async function meetAtOurServer(
  peer: DtlsPeer,
  wish: DtlsWish,
  cases: DtlsCases,
  more: Parameters<typeof startOurDtlsServer>[0] = {},
): Promise<{ ours: OurDtlsServer; end: DtlsPeerEnd }> {
  const ours = await startOurDtlsServer({ ...ourServerOptions(wish, cases.files()), ...more });
  cases.ending(ours.transport);
  const end = cases.ending(await peer.connect(wish, ours.port, cases.files()));
  for (const what of peer.agreed(wish, 'client')) await end.told(what);
  end.say('a question');
  await end.told(new RegExp(`${ianaName(wish)} \\S+ a question`));
  expect(ours.heard).toHaveLength(1);
  expect(ours.heard[0]).toMatch(whoAtOurServer[wish.credential]);
  expect(ours.transport.stats()).toMatchObject({ associations: 1, recordsDropped: 0 });
  return { ours, end };
}

/** Our client at its server, in the same way. */
export async function meetAtTheirServer(
  peer: DtlsPeer,
  wish: DtlsWish,
  cases: DtlsCases,
  more: Parameters<typeof startOurDtlsClient>[1] = {},
): Promise<{ ours: OurDtlsClient; end: DtlsPeerEnd }> {
  const { end, port } = await peer.serve(wish, cases.files());
  cases.ending(end);
  const ours = await startOurDtlsClient(port, { ...ourClientOptions(wish, cases.files()), ...more });
  cases.ending(ours.transport);
  ours.say('a question');
  await end.told(/a question/);
  for (const what of peer.agreed(wish, 'server')) await end.told(what);
  if (peer.isEcho !== true) end.say('an answer');
  await eventually('the answer', () => ours.heard.length > 0);
  expect(ours.heard).toEqual([peer.isEcho === true ? 'a question' : 'an answer']);
  return { ours, end };
}

const whoAtOurServer = {
  psk: / psk:6465766963652d31 /, // device-1
  rawPublicKey: / rawPublicKey:3059/,
  x509: / x509:device /,
} as const;

/** One case for each suite, credential and role that the table in CONFORMANCE.md says agrees. */
export function describeAgreements(peer: DtlsPeer, column: PeerColumn, cases: DtlsCases): void {
  const { ready, version } = peer.readiness;
  const rows = (roles: Agreement['roles']): [string, Agreement][] =>
    agreements[column]
      .filter((agreement) => agreement.roles === 'both' || agreement.roles === roles)
      .map((agreement) => [`${ianaName(agreement)}, ${agreement.credential}`, agreement]);
  describe.skipIf(!ready)(`${peer.name} ${version} / its client at our server`, () => {
    test.each(rows('their client'))('%s', async (_name, wish) => {
      await meetAtOurServer(peer, wish, cases, allowed(wish));
    });
  });
  describe.skipIf(!ready)(`${peer.name} ${version} / our client at its server`, () => {
    test.each(rows('their server'))('%s', async (_name, wish) => {
      await meetAtTheirServer(peer, wish, cases, allowed(wish));
    });
  });
}

/** CBC without encrypt-then-MAC (RFC 7366) has to be allowed by its name. */
function allowed({ isMacThenEncrypt }: Agreement): { dangerouslyAllowCbcWithoutEncryptThenMac?: true } {
  return isMacThenEncrypt === true ? { dangerouslyAllowCbcWithoutEncryptThenMac: true } : {};
}
