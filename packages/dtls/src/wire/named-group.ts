import type { KeyAgreementGroup } from '../crypto-provider.ts';

/** Groups, by their numbers (RFC 8422 §5.1.1). */
export const NamedGroup = { Secp256r1: 23, Secp384r1: 24, X25519: 29 } as const;

/** One of {@link NamedGroup}. */
export type NamedGroup = (typeof NamedGroup)[keyof typeof NamedGroup];

/** The one format of points that is used (RFC 8422 §5.1.2). */
export const POINT_FORMAT_UNCOMPRESSED = 0;

const groups: Readonly<Record<KeyAgreementGroup, NamedGroup>> = {
  'p-256': NamedGroup.Secp256r1,
  'p-384': NamedGroup.Secp384r1,
  x25519: NamedGroup.X25519,
};

/** All groups in the order in which they are preferred: P-256 is what RFC 7925 §4.4 demands. */
export const defaultGroups: readonly KeyAgreementGroup[] = ['p-256', 'x25519', 'p-384'];

/** The number of a group. */
export function namedGroupOf(group: KeyAgreementGroup): NamedGroup {
  return groups[group];
}

/** The group of a number; `undefined`: one that this package does not have. */
export function groupOf(named: number): KeyAgreementGroup | undefined {
  return defaultGroups.find((group) => groups[group] === named);
}
