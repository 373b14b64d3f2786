import type { Operations, ResourceType } from './resource-value.ts';

/** The facts of one resource, as the registry gives them. */
export interface ResourceSpec {
  /** Resource id, 0 to 65534. */
  readonly id: number;
  /** What a server may do. */
  readonly operations: Operations;
  /** The data type; `''` for an Execute. */
  readonly type: ResourceType;
  /** Whether it has resource instances. Absent: it is a single value. */
  readonly multiple?: boolean;
  /** Whether each object instance has it. Absent: it is optional. */
  readonly mandatory?: boolean;
  /** The unit as the registry writes it, e.g. `Cel`, `s`, `/100`. */
  readonly units?: string;
  /** The range or enumeration as the registry writes it, e.g. `0..100`; `parseValueRange` reads it. */
  readonly range?: string;
}

/** The facts of one object in one version. */
export interface ObjectSpec {
  /** Object id, 0 to 65534. */
  readonly id: number;
  /** Version, `major.minor`. Absent: 1.0. */
  readonly version?: string;
  /** The name as the registry writes it. */
  readonly name: string;
  /** Whether a device may have several instances. Absent: it has instance 0 alone. */
  readonly multiple?: boolean;
  /** Whether each device has it. Absent: it is optional. */
  readonly mandatory?: boolean;
  /** The resources by name; names are camel case and unique within the object. */
  readonly resources: Readonly<Record<string, ResourceSpec>>;
}
