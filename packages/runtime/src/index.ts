export * from './clock.js';
export {
  loadConfig,
  readTracing,
  settings,
  tracingSettings,
  ConfigurationError,
  type TracingConfig,
} from './config.js';
export {
  armFailPoint,
  failPoint,
  failPoints,
  type FailPointName,
  type FailPointService,
} from './fail-point.js';
export { createLogger, flushLogger, serializeError, type Logger } from './logger.js';
export { Readiness, HealthController, type ReadinessCheck } from './health.js';
export { StatusTeller, type ReadFigure } from './status.js';
export { counter, gauge, histogram, metricsRegistry } from './metrics.js';
export { SchemaPipe, parseWith } from './schema.pipe.js';
export { ProblemFilter, toProblemError } from './problem.filter.js';
export { createHttpApp, type HttpAppOptions } from './http-app.js';
export { parseJsonBody, findDuplicateKey } from './json-body.js';
export {
  AdminOnly,
  AnyKey,
  ApiKeyGuard,
  Authenticator,
  authorize,
  Public,
  RequireScope,
  type Caller,
  type CallerRequest,
} from './authentication.js';
export { RATE_LIMITS, RateLimitGuard, TokenBuckets, type RateLimits } from './rate-limit.js';
export { runService, type RunningService } from './service.js';
export { version } from './version.js';
export { readTraceparent, traceIdOf, writeTraceparent, type Trace } from './tracing/trace-context.js';
export type { Span, SpanAttributes } from './tracing/span.js';
export { startTracer, type Tracer } from './tracing/tracer.js';
