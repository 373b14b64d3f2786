/** The objects whose definitions are part of @motestack/objects. */
export const COMMITTED_OBJECT_IDS: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 3303];
