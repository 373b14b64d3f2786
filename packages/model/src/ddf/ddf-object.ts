import type { Operations, ResourceType } from '../resource-value.ts';

/** One resource as a definition file states it. */
export interface DdfResource {
  /** Resource id, 0 to 65534. */
  readonly id: number;
  /** The name as it is written, e.g. `Sensor Value`; white space is one space. */
  readonly name: string;
  /** What a server may do. */
  readonly operations: Operations;
  /** The data type; `''` where the file states none. */
  readonly type: ResourceType;
  /** Whether it has resource instances. Absent: it is a single value. */
  readonly multiple?: boolean;
  /** Whether each object instance has it. Absent: it is optional. */
  readonly mandatory?: boolean;
  /** The range or enumeration as it is written; white space is one space. */
  readonly range?: string;
  /** The unit as it is written. */
  readonly units?: string;
  /** What people are told. Line breaks are kept. */
  readonly description?: string;
}

/** One object in one version as a definition file states it. */
export interface DdfObject {
  /** Object id, 0 to 65534. */
  readonly id: number;
  /** Version, `major.minor`: what the file states, or its URN; 1.0 where neither does. */
  readonly version: string;
  /** The name as it is written, e.g. `LWM2M Security`; white space is one space. */
  readonly name: string;
  /** The URN, e.g. `urn:oma:lwm2m:ext:3303`. */
  readonly urn?: string;
  /** The version of LwM2M that it needs, at least. */
  readonly lwm2mVersion?: string;
  /** Whether a device may have several instances. Absent: it has instance 0 alone. */
  readonly multiple?: boolean;
  /** Whether each device has it. Absent: it is optional. */
  readonly mandatory?: boolean;
  /** What people are told. Line breaks are kept. */
  readonly description?: string;
  /** Ids ascending. */
  readonly resources: readonly DdfResource[];
}
