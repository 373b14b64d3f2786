import type { AbortSignalLike } from '@motestack/coap';
import { ContentFormat, type LwM2mNode } from '@motestack/codecs';
import type { Path } from '@motestack/model';
import type { ObjectTree } from '../device-management/object-tree.ts';
import { isSecurityObject } from '../device-management/object-tree.ts';
import { distinctNodes } from '../device-management/read-composite.ts';
import { readNodes } from '../device-management/read-nodes.ts';
import type { ClientErrorCode } from '../lwm2m-error.ts';
import type { ServerLink } from '../server-link.ts';
import { SendRefusedError } from './sender.ts';

/** How values are sent. */
export interface SendOptions {
  /** The Short Server ID of the one server that gets them. Default: all that want any. */
  readonly server?: number;
  /** Default `senml-cbor`; `lwm2m-cbor` is of 1.2, and has no times. */
  readonly contentFormat?: 'senml-cbor' | 'senml-json' | 'lwm2m-cbor';
  /** Ends the waiting. */
  readonly signal?: AbortSignalLike;
}

/** Why values were not sent. */
export class SendFault extends Error {
  /** The code of the error that the caller gets. */
  readonly code: ClientErrorCode;

  constructor(code: ClientErrorCode, message: string, options: { readonly cause?: unknown } = {}) {
    super(message, options);
    this.code = code;
  }
}

const FORMATS = {
  'senml-cbor': ContentFormat.SenmlCbor,
  'senml-json': ContentFormat.SenmlJson,
  'lwm2m-cbor': ContentFormat.LwM2mCbor,
} as const;

/**
 * Reads what stands at paths now, for a Send.
 *
 * @throws {SendFault} `not-here` where nothing is registered that could be sent
 * @throws whatever the application's functions throw
 */
export async function valuesToSend(tree: ObjectTree, paths: readonly Path[]): Promise<readonly LwM2mNode[]> {
  // What is not registered is not sent (Core 1.1.1 §6.4.6).
  const hidden = paths.find(({ objectId }) => objectId === undefined || isSecurityObject(objectId));
  if (hidden !== undefined) throw new SendFault('not-here', 'keys are not sent');
  return distinctNodes(await Promise.all(paths.map((path) => readNodes(tree, path))));
}

/**
 * Sends values to the servers that want them: registered, not muted, with the right to read each.
 *
 * @throws {SendFault} `no-such-server`, `not-registered`, `send-muted`, `send-refused` or `send-failed` if none of the servers
 *   has acknowledged them
 * @see LwM2M Core 1.1.1 §6.4.6; object 1 resource 23
 */
export async function sendToServers(
  links: readonly ServerLink[],
  nodes: readonly LwM2mNode[],
  { server, contentFormat = 'senml-cbor', signal }: SendOptions,
): Promise<void> {
  const wanted = server === undefined ? links : links.filter((link) => link.info.shortServerId === server);
  if (wanted.length === 0) throw new SendFault('no-such-server', `there is no server ${server}`);
  const registered = wanted.filter((link) => link.isRegistered);
  if (registered.length === 0) throw new SendFault('not-registered', 'no server has acknowledged a registration');
  const ready = registered.filter((link) => !link.isMuted);
  if (ready.length === 0) throw new SendFault('send-muted', 'the server wants no Send (/1/x/23)');
  const failures: unknown[] = [];
  for (const link of ready) {
    const readable = nodes.filter(({ path }) => link.mayRead(path));
    if (readable.length === 0) {
      failures.push(new SendFault('send-refused', 'the server has no right to read the values'));
      continue;
    }
    try {
      await link.send(readable, { contentFormat: FORMATS[contentFormat], signal });
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === ready.length) throw asFault(failures[0], signal);
}

function asFault(cause: unknown, signal: AbortSignalLike | undefined): SendFault {
  if (cause instanceof SendFault) return cause;
  if (signal?.aborted) return new SendFault('aborted', 'the signal was given', { cause: signal.reason });
  const isRefused = cause instanceof SendRefusedError;
  const message = cause instanceof Error ? cause.message : String(cause);
  return new SendFault(isRefused ? 'send-refused' : 'send-failed', message, { cause });
}
