/**
 * The environment for a program that is started as a person would start it: what Jest and npm told this process is not
 * meant for it, nor is what stands in `without`.
 */
export function childEnvironment(...without: readonly string[]): NodeJS.ProcessEnv {
  const left = { ...process.env };
  for (const name of ['NODE_OPTIONS', 'npm_lifecycle_event', ...without]) Reflect.deleteProperty(left, name);
  return left;
}
