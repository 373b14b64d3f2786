import { Temperature } from '@motestack/objects';
import { describe, expect, test } from 'vitest';
import { implementObject } from './implemented-object.ts';
import { ObjectTree } from './object-tree.ts';

const spec = Temperature.definition;
const instance = { objectId: spec.id, objectInstanceId: 0, resources: new Map() };

function comingAndGoing() {
  return implementObject(Temperature, { create: () => ({ sensorValue: 0 }), delete: () => undefined });
}

describe('ObjectTree', () => {
  test('an object and its instances may be given in either order', () => {
    const objectFirst = new ObjectTree();
    objectFirst.addObject(comingAndGoing());
    objectFirst.addInstance(spec, instance);
    const instanceFirst = new ObjectTree();
    instanceFirst.addInstance(spec, instance);
    instanceFirst.addObject(comingAndGoing());
    for (const tree of [objectFirst, instanceFirst]) {
      expect(tree.object(spec.id)?.handlers).toBeDefined();
      expect(tree.instance({ objectId: spec.id, objectInstanceId: 0 })).toBe(instance);
    }
  });

  test('neither may be given twice', () => {
    const tree = new ObjectTree();
    tree.addInstance(spec, instance);
    tree.addObject(comingAndGoing());
    expect(() => tree.addObject(comingAndGoing())).toThrow('object 3303 is given twice');
    expect(() => tree.addInstance(spec, instance)).toThrow('/3303/0 is given twice');
  });
});
