import type { BootstrapDiscovery } from '@motestack/codecs';
import { Security, Server } from '@motestack/objects';
import { bootstrapAccountValues, securityValues, serverValues } from './account-values.ts';
import type { BootstrapConfiguration, BootstrapWrite } from './bootstrap-configuration.ts';

/** What is deleted, then written, to bring a client to a configuration. */
export interface BootstrapPlan {
  /** Paths, in their order. */
  readonly deletes: readonly string[];
  /** Writes, in their order: objects 0 and 1 last, so that whatever they refer to is there. */
  readonly writes: readonly BootstrapWrite[];
}

/** The default of `delete`: all servers that the client knew. */
const DELETED: readonly string[] = ['/0', '/1'];

/** Short Server IDs (LwM2M Core 1.1.1 Appendix E.1: 0 and 65535 are reserved). */
const SHORT_SERVER_ID_MAX = 65_534;
const URI_LENGTH_MAX = 255;

/**
 * Which instance of object 0 is the bootstrap server's own account: the one without a short server id.
 *
 * @returns `undefined` where none or several could be it
 * @see LwM2M Core 1.1.1 §6.1.7.3
 */
export function bootstrapAccountInstanceOf({ nodes }: BootstrapDiscovery): number | undefined {
  const own = nodes.filter(
    ({ path, shortServerId }) =>
      path.objectId === 0 && path.objectInstanceId !== undefined && shortServerId === undefined,
  );
  return own.length === 1 ? own[0]?.path.objectInstanceId : undefined;
}

/**
 * The steps to a configuration. Accounts take the lowest instances; the one of object 0 that is the bootstrap server's own is left
 * out, and written only where the configuration replaces it.
 *
 * @param configuration what the client shall have
 * @param bootstrapInstance the instance of object 0 that holds the bootstrap server's account
 * @throws {RangeError} a configuration that no client could take: a short server id that is none or that two servers share
 */
export function planBootstrap(configuration: BootstrapConfiguration, bootstrapInstance: number): BootstrapPlan {
  assertConfiguration(configuration);
  const { servers, bootstrapServer, write = [] } = configuration;
  const security = servers.map((account, index) => ({
    path: `/0/${index < bootstrapInstance ? index : index + 1}`,
    value: securityValues(account),
    definition: Security.definition,
  }));
  const server = servers.map((account, index) => ({
    path: `/1/${index}`,
    value: serverValues(account),
    definition: Server.definition,
  }));
  const own =
    bootstrapServer === undefined
      ? []
      : [
          {
            path: `/0/${bootstrapInstance}`,
            value: bootstrapAccountValues(bootstrapServer),
            definition: Security.definition,
          },
        ];
  return { deletes: configuration.delete ?? DELETED, writes: [...write, ...own, ...security, ...server] };
}

function assertConfiguration({ servers, bootstrapServer }: BootstrapConfiguration): void {
  const seen = new Set<number>();
  for (const { shortServerId } of servers) {
    if (!Number.isInteger(shortServerId) || shortServerId < 1 || shortServerId > SHORT_SERVER_ID_MAX)
      throw new RangeError(`a short server id is 1 to ${SHORT_SERVER_ID_MAX}, not ${shortServerId}`);
    if (seen.has(shortServerId)) throw new RangeError(`two servers have the short server id ${shortServerId}`);
    seen.add(shortServerId);
  }
  for (const { uri } of [...servers, ...(bootstrapServer === undefined ? [] : [bootstrapServer])]) {
    if (uri.length < 1 || uri.length > URI_LENGTH_MAX)
      throw new RangeError(`the URI of a server has 1 to ${URI_LENGTH_MAX} characters`);
  }
}
