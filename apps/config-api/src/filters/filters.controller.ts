import { Body, Controller, Inject, Param, Post } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { FilterTest, FilterTestResult, maxTestedEvents, Uuid } from '@postrider/contracts';
import { Pool } from 'pg';
import { Operation } from '../openapi/operation.decorator.js';
import { testFilter } from './test-filter.js';

@ApiTags('Filters')
@Controller('v1/organizations/:org/filters')
export class FiltersController {
  constructor(@Inject(Pool) private readonly pool: Pool) {}

  @Post('test')
  @Operation({
    summary: 'Try a filter on what has happened',
    description:
      `How many of the last ${maxTestedEvents} events a webhook with this filter (and these topics) would have got, ` +
      'and which. A filter that takes long is tried on fewer: `Tested` says on how many.',
    access: 'deliveries:read',
    status: 200,
    answer: FilterTestResult,
  })
  test(
    @Param('org', { schema: Uuid }) org: string,
    @Body({ schema: FilterTest }) body: FilterTest,
  ): Promise<FilterTestResult> {
    return testFilter(this.pool, org, body);
  }
}
