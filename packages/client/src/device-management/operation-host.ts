import type { CoapRequest } from '@motestack/coap';
import type { Path } from '@motestack/model';
import type { ClientLimits } from '../client-limits.ts';
import type { AttributeStore } from '../information-reporting/attribute-store.ts';
import type { ObservationInit } from '../information-reporting/observation.ts';
import type { ServerAccess } from './access-control.ts';
import type { ObjectTree } from './object-tree.ts';
import type { PayloadSettings } from './payload.ts';
import type { TransactionHandlers } from './transaction.ts';

/** The parts of a request that its operation reads. */
export type AnsweredRequest = Pick<CoapRequest, 'query' | 'contentFormat' | 'accept' | 'payload'>;

/** What is observed, and what the answer to the Observe says. */
export type Observed = Omit<ObservationInit, 'relation'>;

/** What operations work on, for one server. */
export interface OperationHost {
  readonly tree: ObjectTree;
  /** What the asking server may do. */
  readonly access: ServerAccess;
  /** The attributes of the asking server. */
  readonly attributes: AttributeStore;
  readonly limits: ClientLimits;
  /** The application's part in changes that belong together. */
  readonly transaction: TransactionHandlers;
  /** How payloads are read and written now. */
  readonly settings: PayloadSettings;
  /** How often something changed that an observation may have to tell. */
  changeCount(): number;
  /** Begins an observation with what was just read; `readAt` is the change count from before. */
  observe(observed: Observed, readAt: number): void;
  /** Takes what is to happen once the server has its answer. */
  afterAnswer(run: () => void): void;
  /** Values, or what there is, changed at and below these paths. Called after the answer. */
  changed(paths: readonly Path[]): void;
  /** Instances came or went. Called after the answer. */
  instancesChanged(): void;
  /** Attributes at and below this path changed. Called after the answer. */
  attributesChanged(path: Path): void;
  /** Lets a handler of the application run; it settles with it, or earlier if the client is stopped meanwhile. */
  execute(path: Path, run: () => void | Promise<void>): Promise<void>;
}
