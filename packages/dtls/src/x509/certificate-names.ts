import type { Certificate } from './certificate.ts';

const IPV4_PART = /^(?:0|[1-9]\d{0,2})$/;
const IPV6_PART = /^[\da-f]{1,4}$/i;

/**
 * Whether a certificate is for a server's name.
 *
 * @param name a host name, or an IP address: IPv4, or IPv6 with or without brackets
 * @param allowCommonName takes the subject's common name for a host name where there are no alternative names at all
 * @see RFC 9525 §6.3 (host names; `*` stands for one whole label, the first), §6.4 (addresses)
 */
export function isForName(certificate: Certificate, name: string, allowCommonName: boolean): boolean {
  const { alternativeNames } = certificate.extensions;
  const address = addressOf(name);
  if (address !== undefined) return alternativeNames?.ipAddresses.includes(address) ?? false;
  if (alternativeNames !== undefined) return alternativeNames.dnsNames.some((known) => isSameHost(known, name));
  return allowCommonName && certificate.commonName !== undefined && isSameHost(certificate.commonName, name);
}

function isSameHost(known: string, wanted: string): boolean {
  const [first = '', ...rest] = known.toLowerCase().replace(/\.$/, '').split('.');
  const [wantedFirst = '', ...wantedRest] = wanted.toLowerCase().replace(/\.$/, '').split('.');
  if (rest.join('.') !== wantedRest.join('.')) return false;
  // A wildcard for a whole top-level domain is none.
  return first === '*' ? rest.length > 1 && wantedFirst !== '' : first === wantedFirst && first !== '';
}

/** The bytes of an IP address, as hexadecimal digits; `undefined`: it is a host name. */
function addressOf(name: string): string | undefined {
  const bare = name.replace(/^\[(.*)\]$/, '$1');
  return bare.includes(':') ? ipv6Of(bare) : ipv4Of(bare);
}

function ipv4Of(text: string): string | undefined {
  const parts = text.split('.');
  if (parts.length !== 4 || !parts.every((part) => IPV4_PART.test(part) && Number(part) <= 255)) return undefined;
  return parts.map((part) => Number(part).toString(16).padStart(2, '0')).join('');
}

function ipv6Of(text: string): string | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const [left = [], right = []] = halves.map((half) => (half === '' ? [] : half.split(':')));
  const missing = 8 - left.length - right.length;
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined;
  const parts = [...left, ...Array.from({ length: halves.length === 1 ? 0 : missing }, () => '0'), ...right];
  return parts.every((part) => IPV6_PART.test(part))
    ? parts
        .map((part) => part.padStart(4, '0'))
        .join('')
        .toLowerCase()
    : undefined;
}
