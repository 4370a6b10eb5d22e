import { Body, Controller, Inject, Param, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { PortalLink, PortalLinkCreate, Uuid } from '@postrider/contracts';
import type { CallerRequest } from '@postrider/runtime';
import type { FastifyReply } from 'fastify';
import { recordChange } from '../audit-log/record-change.js';
import { ConfigurationTables } from '../configuration-tables.js';
import { callerOf } from '../http/caller.js';
import { refuseForeignScopes } from '../http/foreign-scopes.js';
import { Operation } from '../openapi/operation.decorator.js';
import { PUBLIC_URL } from '../tokens.js';
import { SessionStore } from './session-store.js';

@ApiTags('Sessions')
@Controller('v1/organizations/:org/portal-links')
export class PortalLinksController {
  constructor(
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(ConfigurationTables) private readonly tables: ConfigurationTables,
    @Inject(PUBLIC_URL) private readonly publicUrl: string | null,
  ) {}

  @Post()
  @Operation({
    summary: 'Make a link that signs an end customer in',
    description:
      'It opens one session of the dashboard, once, for this organization and these scopes. The session ends after ' +
      '8 hours, and at once when the key that made the link is deleted.',
    access: 'keys:manage',
    status: 201,
    answer: PortalLink,
  })
  async create(
    @Param('org', { schema: Uuid }) org: string,
    @Body({ schema: PortalLinkCreate }) body: PortalLinkCreate,
    @Req() request: CallerRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<PortalLink> {
    const caller = callerOf(request);
    refuseForeignScopes(body.Scopes, caller, 'a portal link');
    const wanted = { scopes: body.Scopes, expiresInSeconds: body.ExpiresInSeconds };
    const { token, expiresAt } = await this.tables.manager.transaction(async (manager) => {
      const link = await this.store.createLink(manager, org, wanted, caller);
      await recordChange(manager, {
        organizationId: org,
        action: 'portal_link.created',
        resource: { type: 'portal_link', id: link.id },
        before: null,
        after: { Scopes: body.Scopes, ExpiresAt: link.expiresAt },
      });
      return link;
    });
    reply.header('Cache-Control', 'no-store');
    // Behind the #, the token reaches no server and no log; and whoever only looks at the link does not use it up.
    const base = this.publicUrl ?? `${request.protocol}://${request.headers.host ?? 'localhost'}`;
    return { Url: `${base}/portal#${token}`, Scopes: body.Scopes, ExpiresAt: expiresAt };
  }
}
