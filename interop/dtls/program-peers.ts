import { places } from '../src/places.ts';
import { readinessOf } from '../src/readiness.ts';
import { type DtlsPeer, type DtlsWish, preShared } from './dtls-peer.ts';
import { programPeer } from './program-peer.ts';

const named = ({ suite }: DtlsWish, role: 'client' | 'server'): string => {
  if (role === 'server') return 'device';
  return suite.startsWith('EcdheRsa') ? 'rsa' : 'server';
};

/** mbedTLS, by our program in C. */
export const mbedtlsPeer = programPeer({
  name: 'mbedTLS',
  readiness: readinessOf('mbedtls'),
  command: ['target/mbedtls-peer'],
  directory: places.interop,
  who: (wish, role) => (wish.credential === 'psk' ? 'psk' : `x509:CN=${named(wish, role)}`),
});

/** Californium's Scandium, by our program in Java. */
export const scandiumPeer = programPeer({
  name: 'Scandium',
  readiness: readinessOf('californium'),
  command: [
    ...(['java', '-XX:TieredStopAtLevel=1', '-XX:+UseSerialGC', '-cp', 'target/classes:target/lib/*'] as const),
    'org.motestack.interop.ScandiumPeer',
  ],
  directory: places.californium,
  isKept: true,
  who: (wish, role) => {
    if (wish.credential === 'psk') return preShared.identity;
    return wish.credential === 'x509' ? `CN=${named(wish, role)}` : 'ni:\\S+';
  },
});

/** pion/dtls, by our program in Go. Its client does not tell whose identity it took, which is its own. */
export const pionPeer = programPeer({
  name: 'pion',
  readiness: readinessOf('pion'),
  command: ['target/dtls-peer'],
  directory: places.pion,
  who: (wish, role) => {
    if (wish.credential === 'psk') return role === 'server' ? `psk:${preShared.identity}` : 'psk:';
    return `x509:CN=${named(wish, role)}`;
  },
});

/** tinydtls, by our program in Python. It has one suite and tells no more than that it is connected. */
export const tinydtlsPeer: DtlsPeer = {
  ...programPeer({
    name: 'tinydtls',
    readiness: readinessOf('tinydtls'),
    command: [places.tinydtlsPython, 'tinydtls/dtls_peer.py'],
    directory: places.interop,
    who: () => '',
  }),
  agreed: () => [/connected/],
};
