import { Body, Controller, Delete, Get, Inject, Param, Patch, Post, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import {
  listOf,
  ListQuery,
  Organization,
  OrganizationCreate,
  OrganizationPatch,
  Uuid,
} from '@postrider/contracts';
import type { Page } from '../http/cursor.js';
import { Operation } from '../openapi/operation.decorator.js';
import { DeleteOrganization } from './delete-organization.js';
import { Organizations } from './organizations.js';
import { toOrganizationResponse } from './to-organization-response.js';

@ApiTags('Organizations')
@Controller('v1/organizations')
export class OrganizationsController {
  constructor(
    @Inject(Organizations) private readonly organizations: Organizations,
    @Inject(DeleteOrganization) private readonly deletion: DeleteOrganization,
  ) {}

  @Post()
  @Operation({ summary: 'Create an organization', access: 'admin', status: 201, answer: Organization })
  async create(@Body({ schema: OrganizationCreate }) body: OrganizationCreate): Promise<Organization> {
    return toOrganizationResponse(await this.organizations.create(body));
  }

  @Get()
  @Operation({ summary: 'List organizations', access: 'admin', status: 200, answer: listOf(Organization) })
  list(@Query({ schema: ListQuery }) query: ListQuery): Promise<Page<Organization>> {
    return this.organizations.list(query);
  }

  @Get(':org')
  @Operation({ summary: 'Read an organization', access: 'admin', status: 200, answer: Organization })
  async read(@Param('org', { schema: Uuid }) org: string): Promise<Organization> {
    return toOrganizationResponse(await this.organizations.read(org));
  }

  @Patch(':org')
  @Operation({
    summary: 'Change an organization',
    description: 'A merge patch (RFC 7396).',
    access: 'admin',
    status: 200,
    answer: Organization,
  })
  async change(
    @Param('org', { schema: Uuid }) org: string,
    @Body({ schema: OrganizationPatch }) patch: OrganizationPatch,
  ): Promise<Organization> {
    return toOrganizationResponse(await this.organizations.change(org, patch));
  }

  @Delete(':org')
  @Operation({
    summary: 'Delete an organization',
    description: 'Its keys stop at once; webhooks, events, deliveries and secrets go with it.',
    access: 'admin',
    status: 204,
  })
  delete(@Param('org', { schema: Uuid }) org: string): Promise<void> {
    return this.deletion.run(org);
  }
}
