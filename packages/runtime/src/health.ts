// Live: the process answers. Ready: it can do its work, or says which part can't and why.
import { Controller, Get, Inject, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from './authentication.js';
import { metricsRegistry } from './metrics.js';
import { version } from './version.js';

/** null when fine, else the reason in words for an operator. */
export type ReadinessCheck = () => string | null | Promise<string | null>;

interface CheckResult {
  readonly ok: boolean;
  readonly reason: string | null;
}

export class Readiness {
  private readonly checks = new Map<string, ReadinessCheck>();
  private draining = false;

  add(name: string, check: ReadinessCheck): void {
    this.checks.set(name, check);
  }

  /** From now on: not ready, so that nothing new is sent here while the rest is finished. */
  drain(): void {
    this.draining = true;
  }

  async result(): Promise<{ ready: boolean; checks: Record<string, CheckResult> }> {
    const checks: Record<string, CheckResult> = {};
    for (const [name, check] of this.checks) checks[name] = await runCheck(check);
    if (this.draining) checks['shutdown'] = { ok: false, reason: 'the service is draining' };
    return { ready: Object.values(checks).every((check) => check.ok), checks };
  }
}

async function runCheck(check: ReadinessCheck): Promise<CheckResult> {
  let timer: NodeJS.Timeout | undefined;
  try {
    const late = new Promise<string>((resolve) => {
      timer = setTimeout(() => resolve('no answer within 2 s'), 2_000);
    });
    const reason = await Promise.race([check(), late]);
    return { ok: reason === null, reason };
  } catch (error) {
    return { ok: false, reason: error instanceof Error ? error.message : String(error) };
  } finally {
    clearTimeout(timer);
  }
}

@Public()
@Controller()
export class HealthController {
  constructor(@Inject(Readiness) private readonly readiness: Readiness) {}

  @Get('health/live')
  live(): { status: string; version: string } {
    return { status: 'ok', version };
  }

  @Get('health/ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const { ready, checks } = await this.readiness.result();
    await reply.status(ready ? 200 : 503).send({ status: ready ? 'ok' : 'unavailable', checks });
  }

  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    await reply.type(metricsRegistry.contentType).send(await metricsRegistry.metrics());
  }
}
