// Token buckets: so much at once, so much per second from then on. Per process: with n instances n times as much.
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { ProblemError } from '@postrider/contracts';
import type { CallerRequest } from './authentication.js';

/** Seconds' worth of tokens that a bucket holds: a burst is no abuse. */
const burstSeconds = 10;
const maxBuckets = 50_000;

interface Bucket {
  tokens: number;
  filledAtMs: number;
}

export class TokenBuckets {
  private readonly buckets = new Map<string, Bucket>();

  constructor(
    /** 0: no limit. */
    private readonly ratePerSecond: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  /** Throws `rate_limited` while the bucket is empty. What is asked for is charged when it is known, with `charge`. */
  require(name: string, what: string): void {
    if (this.ratePerSecond === 0) return;
    const { tokens } = this.filled(name);
    if (tokens >= 1) return;
    const seconds = Math.max(1, Math.ceil((1 - tokens) / this.ratePerSecond));
    throw new ProblemError(
      'rate_limited',
      `${what} is limited to ${this.ratePerSecond} per second: slow down`,
      [],
      {
        'Retry-After': String(seconds),
      },
    );
  }

  /** Takes one token where there is one. */
  take(name: string): boolean {
    if (this.ratePerSecond === 0) return true;
    const bucket = this.filled(name);
    if (bucket.tokens < 1) return false;
    bucket.tokens -= 1;
    return true;
  }

  /** A bucket may go below nothing: what was done is paid for by waiting. */
  charge(name: string, tokens: number): void {
    if (this.ratePerSecond > 0) this.filled(name).tokens -= tokens;
  }

  private filled(name: string): Bucket {
    const capacity = this.ratePerSecond * burstSeconds;
    const nowMs = this.nowMs();
    let bucket = this.buckets.get(name);
    if (bucket === undefined) {
      if (this.buckets.size >= maxBuckets) this.forgetFull(nowMs);
      bucket = { tokens: capacity, filledAtMs: nowMs };
      this.buckets.set(name, bucket);
    }
    const earned = ((nowMs - bucket.filledAtMs) / 1_000) * this.ratePerSecond;
    bucket.tokens = Math.min(capacity, bucket.tokens + earned);
    bucket.filledAtMs = nowMs;
    return bucket;
  }

  /** A full bucket is as good as none. Should all be in use, the memory comes first. */
  private forgetFull(nowMs: number): void {
    for (const [name, bucket] of this.buckets) {
      if (nowMs - bucket.filledAtMs > burstSeconds * 1_000) this.buckets.delete(name);
    }
    if (this.buckets.size >= maxBuckets) this.buckets.clear();
  }
}

/** Requests per second; 0: no limit. */
export interface RateLimits {
  readonly perKey: number;
  readonly perOrganization: number;
}

export const RATE_LIMITS = Symbol('rate limits');

/** Limits what an organization's keys ask for, each and together; stands after ApiKeyGuard. The admin key is the operator's. */
@Injectable()
export class RateLimitGuard implements CanActivate {
  private readonly keys: TokenBuckets;
  private readonly organizations: TokenBuckets;

  constructor(@Inject(RATE_LIMITS) limits: RateLimits) {
    this.keys = new TokenBuckets(limits.perKey);
    this.organizations = new TokenBuckets(limits.perOrganization);
  }

  canActivate(context: ExecutionContext): boolean {
    if (context.getType() !== 'http') return true;
    const { caller } = context.switchToHttp().getRequest<CallerRequest>();
    if (caller?.kind !== 'organization') return true;
    this.keys.require(caller.keyId, 'an API key');
    this.organizations.require(caller.organizationId, 'an organization');
    this.keys.charge(caller.keyId, 1);
    this.organizations.charge(caller.organizationId, 1);
    return true;
  }
}
