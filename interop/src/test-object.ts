import { defineObject } from '@motestack/model';

/** The part of OMA's LwM2M v1.1 Test Object that both sides use: a resource of each type, single and multiple. */
export const TestObject = defineObject({
  id: 3442,
  version: '1.0',
  name: 'LwM2M v1.1 Test Object',
  multiple: true,
  mandatory: false,
  resources: {
    resetValues: { id: 0, operations: 'E', type: '' },
    execWithArguments: { id: 3, operations: 'E', type: '' },
    stringValue: { id: 110, operations: 'RW', type: 'String' },
    integerValue: { id: 120, operations: 'RW', type: 'Integer' },
    unsignedIntegerValue: { id: 125, operations: 'RW', type: 'Unsigned Integer' },
    floatValue: { id: 130, operations: 'RW', type: 'Float' },
    booleanValue: { id: 140, operations: 'RW', type: 'Boolean' },
    opaqueValue: { id: 150, operations: 'RW', type: 'Opaque' },
    timeValue: { id: 160, operations: 'RW', type: 'Time' },
    objLinkValue: { id: 170, operations: 'RW', type: 'Objlnk' },
    multipleStringValue: { id: 1110, operations: 'RW', type: 'String', multiple: true },
    multipleIntegerValue: { id: 1120, operations: 'RW', type: 'Integer', multiple: true },
    multipleFloatValue: { id: 1130, operations: 'RW', type: 'Float', multiple: true },
    multipleBooleanValue: { id: 1140, operations: 'RW', type: 'Boolean', multiple: true },
    multipleOpaqueValue: { id: 1150, operations: 'RW', type: 'Opaque', multiple: true },
    multipleTimeValue: { id: 1160, operations: 'RW', type: 'Time', multiple: true },
    multipleObjLinkValue: { id: 1170, operations: 'RW', type: 'Objlnk', multiple: true },
  },
});
