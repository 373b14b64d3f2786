export type { AccessControlInstance, AccessControlState, AccessOperation } from './access-control.ts';
export {
  AccessRight,
  accessRights,
  BOOTSTRAP_OWNER,
  isAccessAllowed,
  isAccessControlManaged,
  OBJECT_LEVEL,
} from './access-control.ts';
export type { AttributeName } from './attribute-query.ts';
export {
  ATTRIBUTE_INTEGER_MAX,
  ATTRIBUTE_NUMBER_LENGTH_MAX,
  formatAttributeQuery,
  formatAttributeValue,
  isAttributeName,
  parseAttributeQuery,
  parseAttributeValue,
} from './attribute-query.ts';
export type { ValueErrorCode } from './check-value.ts';
export { checkValue, checkValueType, ValueError } from './check-value.ts';
export type { DefinableSpec, ReservedName } from './define-object.ts';
export { defineObject } from './define-object.ts';
export type { ExecuteArguments } from './execute-arguments.ts';
export { ExecuteArgumentsError, formatExecuteArguments, parseExecuteArguments } from './execute-arguments.ts';
export type {
  AccessorsOf,
  Implementation,
  ImplementedInstance,
  InstanceInit,
  ReadAccessor,
  WriteAccessor,
} from './implementation.ts';
export type { LwM2mNode } from './lwm2m-node.ts';
export type {
  AttributeChanges,
  AttributeErrorCode,
  AttributeLevels,
  NotificationAttributes,
} from './notification-attributes.ts';
export {
  AttributeError,
  applyAttributeChanges,
  checkAttributes,
  checkAttributesApply,
  mergeAttributes,
} from './notification-attributes.ts';
export type { ChangeReason, NotificationDecision, NotificationState, ThresholdReading } from './notification-rule.ts';
export { areEqualValues, changeReasons, dueNotification, noteValues, startNotifications } from './notification-rule.ts';
export type { NamedResource, ObjectLookup } from './object-lookup.ts';
export { objectLookup, resourceSpecAt, resourcesById } from './object-lookup.ts';
export type { ObjectSpec, ResourceSpec } from './object-spec.ts';
export type { LwM2mVersion } from './object-version.ts';
export { closestObjectVersion, compareObjectVersions, impliedObjectVersion } from './object-version.ts';
export type { Path, PathErrorCode, PathLevel } from './path.ts';
export {
  assertId,
  comparePaths,
  formatPath,
  ID_MAX,
  isWithin,
  PathError,
  parsePath,
  pathFromIds,
  pathFromSegments,
  pathIds,
  pathKey,
  pathLevel,
  pathSegments,
} from './path.ts';
export type { ObjectLink, Operations, Readable, ResourceType, ResourceValue, Writable } from './resource-value.ts';
export type {
  InstanceValues,
  MandatoryOf,
  MultipleResource,
  ObjectDefinition,
  ObjectInstance,
  ObjectMembers,
  Resource,
  ResourceInstances,
  ResourceOf,
  ResourcesOf,
  TypedPath,
  ValueOf,
  ValueOfType,
  WritableValues,
} from './typed-path.ts';
export type { Interval, ValueRange } from './value-range.ts';
export { isInRange, parseValueRange } from './value-range.ts';
