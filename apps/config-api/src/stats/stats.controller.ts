import { Controller, Get, Inject, Param, Query } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { ProblemError, QueryEpochMs, Stats, Uuid } from '@postrider/contracts';
import { Pool } from 'pg';
import { z } from 'zod';
import { Operation } from '../openapi/operation.decorator.js';
import { readStats } from './read-stats.js';

const StatsQuery = z.strictObject({
  WebhookId: Uuid.optional(),
  From: QueryEpochMs.optional(),
  To: QueryEpochMs.optional(),
});

const defaultRangeMs = 24 * 3_600_000;

@ApiTags('Statistics')
@Controller('v1/organizations/:org/stats')
export class StatsController {
  constructor(@Inject(Pool) private readonly pool: Pool) {}

  @Get()
  @Operation({
    summary: 'Figures of an organization or one webhook',
    description:
      'Of the last 24 hours unless `From` and `To` say otherwise. `Deliveries` counts those created in the range; ' +
      'attempts, success rate and durations are of attempts made in it; `LagMs` is the time from the acceptance of an ' +
      'event to its receipt, of what was received in it without a resend; `OldestPendingAt` is of any time. Counts are ' +
      'exact. Quantiles come from a histogram in steps of 12 %; of a bucket with more than 100 minutes in which a ' +
      'webhook was tried, from a sample of them.',
    access: 'deliveries:read',
    status: 200,
    answer: Stats,
  })
  async read(
    @Param('org', { schema: Uuid }) org: string,
    @Query({ schema: StatsQuery }) query: z.infer<typeof StatsQuery>,
  ): Promise<Stats> {
    const toMs = query.To ?? Math.max(await this.databaseNow(), query.From ?? 0);
    const fromMs = query.From ?? Math.max(0, toMs - defaultRangeMs);
    if (fromMs > toMs) {
      const detail = 'must not be later than To';
      throw new ProblemError('invalid_fields', `From ${detail}`, [{ parameter: 'From', detail }]);
    }
    return readStats(this.pool, {
      organizationId: org,
      webhookId: query.WebhookId ?? null,
      fromMs,
      toMs,
    });
  }

  private async databaseNow(): Promise<number> {
    const result = await this.pool.query<{ ms: number }>('SELECT now_ms() AS ms');
    return result.rows[0]?.ms ?? Date.now();
  }
}
