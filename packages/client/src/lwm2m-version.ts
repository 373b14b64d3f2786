/** The versions of the enabler that the client speaks. */
export type { LwM2mVersion } from '@motestack/model';
