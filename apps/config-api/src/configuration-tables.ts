import { Inject, Injectable } from '@nestjs/common';
import { ProblemError } from '@postrider/contracts';
import { DataSource, type EntityManager } from 'typeorm';
import { LOGGER, type Logger } from './tokens.js';

const retryMs = 1_000;

/**
 * TypeORM on the configuration tables. It reads the server's version as it starts: until that has worked, calls that
 * need these tables are answered 503, and the service is up all the same.
 */
@Injectable()
export class ConfigurationTables {
  private closing = false;

  constructor(
    @Inject(DataSource) private readonly source: DataSource,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  /** Resolves after the first try; goes on trying until PostgreSQL is there. */
  async connect(): Promise<void> {
    if (this.closing || this.source.isInitialized) return;
    try {
      await this.source.initialize();
    } catch (error) {
      this.logger.warn({ error }, 'configuration.tables.away');
      setTimeout(() => void this.connect(), retryMs).unref();
    }
  }

  get isConnected(): boolean {
    return this.source.isInitialized;
  }

  get manager(): EntityManager {
    if (!this.source.isInitialized) {
      throw new ProblemError('unavailable', 'the database is away: try again in a moment', [], {
        'Retry-After': '2',
      });
    }
    return this.source.manager;
  }

  stop(): void {
    this.closing = true;
  }
}

/** What every change of a configuration row sets. */
export const changed = {
  updatedAt: () => 'now_ms()',
  version: () => "nextval('config_version')",
} as const;

/** Epoch ms by the database's clock, which decides. */
export async function databaseNow(manager: EntityManager): Promise<number> {
  const [row] = await manager.query<{ ms: number }[]>('SELECT now_ms() AS ms');
  if (row === undefined) throw new Error('SELECT answered no row');
  return row.ms;
}
