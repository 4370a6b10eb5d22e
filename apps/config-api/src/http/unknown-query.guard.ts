import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { ProblemError } from '@postrider/contracts';
import type { CallerRequest } from '@postrider/runtime';

/** Query parameters are refused where a handler takes none; where it takes some, its strict schema does the same. */
@Injectable()
export class UnknownQueryGuard implements CanActivate {
  canActivate(context: ExecutionContext): boolean {
    const request = context.switchToHttp().getRequest<CallerRequest>();
    // Health, metrics and documents need no key; probes may hang what they like on their addresses.
    if (request.caller === undefined) return true;
    const parameters = Object.keys(request.query as object);
    if (parameters.length === 0 || takesQuery(context)) return true;
    const errors = parameters.slice(0, 50).map((parameter) => ({
      parameter,
      detail: `unknown query parameter ${JSON.stringify(parameter)}: remove it`,
    }));
    throw new ProblemError('invalid_fields', errors[0]?.detail ?? 'unknown query parameter', errors);
  }
}

function takesQuery(context: ExecutionContext): boolean {
  const handlerArguments = Reflect.getMetadata(
    ROUTE_ARGS_METADATA,
    context.getClass(),
    context.getHandler().name,
  ) as Record<string, unknown> | undefined;
  const queries = String(RouteParamtypes.QUERY);
  // Keys are `<kind>:<position>`.
  return Object.keys(handlerArguments ?? {}).some((key) => key.split(':')[0] === queries);
}
