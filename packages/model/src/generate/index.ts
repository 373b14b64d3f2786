export type { DdfObject, DdfResource } from '../ddf/ddf-object.ts';
export type { DefinitionOptions, GenerateOptions } from './generate-definitions.ts';
export { generateDefinitions } from './generate-definitions.ts';
export { camelCase, pascalCase } from './identifier.ts';
export { nameObject, nameResources, RESERVED_RESOURCE_NAMES, TAKEN_OBJECT_NAMES } from './names.ts';
