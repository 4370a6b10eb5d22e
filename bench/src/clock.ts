/** Microseconds of a clock that all processes of a machine share. */
export function monotonicUs(): number {
  return Number(process.hrtime.bigint() / 1000n);
}
