import type { Operation } from './lwm2m-error.ts';

/** What an error answer says, for programs. */
export type ResponseReason =
  /** 4.00: the device does not understand what it was sent, or the instance is there already. */
  | 'bad-request'
  /** 4.01: the server has no right to do this. */
  | 'access-denied'
  /** 4.02: an option of the message is not understood. */
  | 'bad-option'
  /** 4.04: the device has no such thing. */
  | 'not-found'
  /** 4.05: the target is not one that this can be done to. */
  | 'not-allowed'
  /** 4.06: none of the formats that were asked for can be given. */
  | 'not-acceptable'
  /** 4.08: blocks of the payload are missing. */
  | 'incomplete'
  /** 4.09: it does not go together with the state of the device. */
  | 'conflict'
  /** 4.13: the payload is too long for the device. */
  | 'too-large'
  /** 4.15: the format of the payload is not supported. */
  | 'unsupported-format'
  /** 4.29: the device was asked too often. */
  | 'too-many-requests'
  /** 5.01: the device does not know the method. */
  | 'not-implemented'
  /** 5.03: not now. */
  | 'unavailable'
  /** 5.00, and any other code of class 5: the device failed. */
  | 'device-failed'
  /** A code that LwM2M does not have for this operation. */
  | 'unspecified';

/** What an error answer means. */
export interface ResponseMeaning {
  /** For programs. */
  readonly reason: ResponseReason;
  /** For people. */
  readonly text: string;
  /** Where it is written. */
  readonly clause: string;
}

/**
 * What a response code of class 4 or 5 means as the answer to an operation.
 *
 * @param responseCode `4.04` and the like
 * @see LwM2M Transport 1.2 §6.7, Tables 6.7-3 and 6.7-4
 */
export function responseMeaning(operation: Operation, responseCode: string): ResponseMeaning {
  const clause = `LwM2M Core ${CLAUSES[operation]}, Transport §6.7`;
  const known = MEANINGS.get(responseCode);
  if (known !== undefined)
    return { reason: known[0], text: OWN_TEXTS[`${operation} ${responseCode}`] ?? known[1], clause };
  return responseCode.startsWith('5.')
    ? { reason: 'device-failed', text: 'the device failed', clause }
    : { reason: 'unspecified', text: 'a code that this operation does not have', clause };
}

/** The clause of each operation, by the numbers of 1.1.1 and 1.2. */
const CLAUSES: Readonly<Record<Operation, string>> = {
  Read: '§6.3.1',
  Discover: '§6.3.2',
  Write: '§6.3.3',
  'Write-Attributes': '§6.3.4',
  Execute: '§6.3.5',
  Create: '§6.3.6',
  Delete: '§6.3.7',
  'Read-Composite': '§6.3.8',
  'Write-Composite': '§6.3.9',
  Observe: '§6.4.1',
  'Cancel Observation': '§6.4.3',
  'Observe-Composite': '§6.4.4',
  'Cancel Observation-Composite': '§6.4.5',
  Send: '§6.4.6',
  Register: '§6.2.1',
  Update: '§6.2.2',
  'De-register': '§6.2.3',
  'Bootstrap-Request': '§6.1.7.1',
  'Bootstrap-Finish': '§6.1.7.2',
  'Bootstrap-Discover': '§6.1.7.3',
  'Bootstrap-Read': '§6.1.7.7',
  'Bootstrap-Write': '§6.1.7.5',
  'Bootstrap-Delete': '§6.1.7.6',
  'Bootstrap-Pack-Request': '§6.1.7',
  Event: '§6.4',
};

const MEANINGS: ReadonlyMap<string, readonly [ResponseReason, string]> = /* @__PURE__ */ new Map([
  ['4.00', ['bad-request', 'the device does not understand what it was sent']],
  ['4.01', ['access-denied', 'the server has no right to do this']],
  ['4.02', ['bad-option', 'the device does not understand an option of the message']],
  ['4.04', ['not-found', 'the device has no such thing']],
  ['4.05', ['not-allowed', 'this cannot be done to the target']],
  ['4.06', ['not-acceptable', 'the device cannot give the format that was asked for']],
  ['4.08', ['incomplete', 'blocks of the payload are missing']],
  ['4.09', ['conflict', 'it does not go together with the state of the device']],
  ['4.13', ['too-large', 'the payload is too long for the device']],
  ['4.15', ['unsupported-format', 'the device does not support the format of the payload']],
  ['4.29', ['too-many-requests', 'the device was asked too often']],
  ['5.00', ['device-failed', 'the device failed']],
  ['5.01', ['not-implemented', 'the device does not know the method']],
  ['5.03', ['unavailable', 'the device cannot do this now']],
]);

/** Where an operation has words of its own for a code. */
const OWN_TEXTS: Readonly<Record<string, string>> = {
  'Create 4.00': 'the instance is there already, a mandatory resource is missing, or the format is not said',
  'Write 4.00': 'a value is of another type or out of its range',
  'Write-Composite 4.00': 'a value is of another type or out of its range; nothing was written',
  'Execute 4.00': 'the device does not understand the arguments',
  'Write-Attributes 4.00': 'the attributes exclude each other, or are none for this target',
  'Read 4.05': 'the target cannot be read',
  'Write 4.05': 'the target cannot be written',
  'Execute 4.05': 'the target cannot be executed',
  'Create 4.05': 'the object has one instance that is always there, or can have no more',
  'Delete 4.05': 'the target cannot be deleted',
  'Observe 4.05': 'the target cannot be read',
};
