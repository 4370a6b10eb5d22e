import { hasScope, ProblemError, type Scope } from '@postrider/contracts';
import type { Caller } from '@postrider/runtime';

/** Nobody gives away scopes that they lack; `what` would carry them. Throws `scope_missing`. */
export function refuseForeignScopes(scopes: readonly Scope[], caller: Caller, what: string): void {
  if (caller.kind === 'admin') return;
  const errors = scopes.flatMap((scope, index) =>
    hasScope(caller.scopes, scope)
      ? []
      : [{ pointer: `/Scopes/${index}`, detail: `your own key lacks ${scope}, so it can't give it away` }],
  );
  if (errors.length === 0) return;
  throw new ProblemError('scope_missing', `${what} gives away only scopes that its maker has`, errors);
}
