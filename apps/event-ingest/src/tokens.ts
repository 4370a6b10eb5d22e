/** What is injected and is no class. */
export const LOGGER = Symbol('logger');
