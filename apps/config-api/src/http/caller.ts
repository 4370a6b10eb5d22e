import type { Caller, CallerRequest } from '@postrider/runtime';

/** Who calls; the guard has seen to it that there is one. */
export function callerOf(request: CallerRequest): Caller {
  if (request.caller === undefined) throw new Error('this route has no guard');
  return request.caller;
}
