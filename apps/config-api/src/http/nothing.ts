import { z } from 'zod';

/** Body of a call that takes no fields: none is needed, an empty object is fine. */
export const Nothing = z.strictObject({});
