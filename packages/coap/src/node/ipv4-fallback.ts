import type { UdpOptions } from './open-udp.ts';

/** What the system says to `::` where IPv6 is not built in, or is switched off. */
const WITHOUT_IPV6: ReadonlySet<unknown> = new Set(['EAFNOSUPPORT', 'EADDRNOTAVAIL']);

/**
 * What is left of a socket that could not be opened: a machine without IPv6 has no `::` to bind to, which stands for
 * IPv4 too.
 *
 * @param options what was to be opened
 * @param error what the system said
 * @returns what to open instead; `undefined`: nothing
 */
export function ipv4Fallback(options: UdpOptions, error: unknown): UdpOptions | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const isWildcard = options.remote === undefined && (options.host === undefined || options.host === '::');
  return isWildcard && WITHOUT_IPV6.has(code) ? { ...options, host: '0.0.0.0' } : undefined;
}
