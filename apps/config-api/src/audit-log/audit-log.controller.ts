import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { AuditEntry, listOf, ListQuery, Uuid } from '@postrider/contracts';
import { Pool } from 'pg';
import type { Page } from '../http/cursor.js';
import { Operation } from '../openapi/operation.decorator.js';
import { listAuditLog } from './list-audit-log.js';

@ApiTags('Audit log')
@Controller('v1')
export class AuditLogController {
  constructor(@Inject(Pool) private readonly pool: Pool) {}

  @Get('organizations/:org/audit-log')
  @Operation({
    summary: "List the changes of an organization's configuration",
    description: 'Who changed which webhook or API key, when, and what; newest first. Never a secret.',
    access: 'keys:manage',
    status: 200,
    answer: listOf(AuditEntry),
  })
  list(
    @Param('org', { schema: Uuid }) org: string,
    @Query({ schema: ListQuery }) query: ListQuery,
  ): Promise<Page<AuditEntry>> {
    return listAuditLog(this.pool, org, query);
  }

  @Get('audit-log')
  @Operation({
    summary: 'List the changes of the installation',
    description: 'Organizations and the catalog of topics; newest first.',
    access: 'admin',
    status: 200,
    answer: listOf(AuditEntry),
  })
  listInstallation(@Query({ schema: ListQuery }) query: ListQuery): Promise<Page<AuditEntry>> {
    return listAuditLog(this.pool, null, query);
  }
}
