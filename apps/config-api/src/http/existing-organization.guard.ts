import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ProblemError, Uuid } from '@postrider/contracts';
import { parseWith, type CallerRequest } from '@postrider/runtime';
import { Pool } from 'pg';

/** Every route below an organization is 404 unless it exists: one check for all, so that none can forget it. */
@Injectable()
export class ExistingOrganizationGuard implements CanActivate {
  constructor(@Inject(Pool) private readonly pool: Pool) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const request = context.switchToHttp().getRequest<CallerRequest>();
    // An organization's key was found together with its organization a moment ago.
    if (request.params.org === undefined || request.caller?.kind === 'organization') return true;
    const id = parseWith(Uuid, request.params.org, 'param', 'org');
    const found = await this.pool.query({
      name: 'organization-exists',
      text: 'SELECT 1 FROM organizations WHERE id = $1 AND deleted_at IS NULL',
      values: [id],
    });
    if (found.rowCount === 0) throw new ProblemError('not_found', 'no such organization');
    return true;
  }
}
