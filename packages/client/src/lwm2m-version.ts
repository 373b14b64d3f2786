/** The versions of the enabler that the client speaks. */
export type LwM2mVersion = '1.0' | '1.1';
