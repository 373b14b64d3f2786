import type { DdfObject, DdfResource } from './ddf-object.ts';

const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** A definition file as the schema has it. */
export function ddfText(...objects: readonly DdfObject[]): string {
  return `<?xml version="1.0" encoding="utf-8"?>
<!-- a notice -->
<LWM2M xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
${objects.map(objectText).join('')}</LWM2M>
`;
}

function objectText(object: DdfObject): string {
  return `  <Object ObjectType="MODefinition">
    <Name>${escaped(object.name)}</Name>
    <Description1><![CDATA[${object.description ?? ''}]]></Description1>
    <ObjectID>${object.id}</ObjectID>
    <ObjectURN>${object.urn ?? ''}</ObjectURN>
    <LWM2MVersion>${object.lwm2mVersion ?? ''}</LWM2MVersion>
    <ObjectVersion>${object.version}</ObjectVersion>
    <MultipleInstances>${object.multiple ? 'Multiple' : 'Single'}</MultipleInstances>
    <Mandatory>${object.mandatory ? 'Mandatory' : 'Optional'}</Mandatory>
    <Resources>
${object.resources.map(itemText).join('')}    </Resources>
    <Description2/>
  </Object>
`;
}

function itemText(resource: DdfResource): string {
  return `      <Item ID="${resource.id}">
        <Name>${escaped(resource.name)}</Name>
        <Operations>${resource.operations}</Operations>
        <MultipleInstances>${resource.multiple ? 'Multiple' : 'Single'}</MultipleInstances>
        <Mandatory>${resource.mandatory ? 'Mandatory' : 'Optional'}</Mandatory>
        <Type>${resource.type}</Type>
        <RangeEnumeration>${escaped(resource.range ?? '')}</RangeEnumeration>
        <Units>${escaped(resource.units ?? '')}</Units>
        <Description>${escaped(resource.description ?? '')}</Description>
      </Item>
`;
}

/** An object with something of everything. */
export const VALVE: DdfObject = {
  id: 42_800,
  version: '1.1',
  name: 'Valve',
  urn: 'urn:oma:lwm2m:x:42800:1.1',
  lwm2mVersion: '1.1',
  multiple: true,
  description: 'Opens & closes.\nSlowly.',
  resources: [
    { id: 1, name: 'Opening', operations: 'RW', type: 'Float', mandatory: true, range: '0..100', units: '/100' },
    { id: 2, name: 'Pressures', operations: 'R', type: 'Float', multiple: true, description: 'a < b' },
    { id: 3, name: 'Flush', operations: 'E', type: '' },
  ],
};
