import { Module, type DynamicModule } from '@nestjs/common';
import { APP_GUARD } from '@nestjs/core';
import {
  ApiKeyGuard,
  Authenticator,
  HealthController,
  Readiness,
  TokenBuckets,
  type Logger,
} from '@postrider/runtime';
import { HttpDoor } from './doors/http.door.js';
import { NatsDoor } from './doors/nats.door.js';
import { OperationalDoor } from './doors/operational.door.js';
import { PingDoor } from './doors/ping.door.js';
import type { EventIngest } from './event-ingest.js';
import { EventPipeline } from './event.pipeline.js';
import { LOGGER } from './tokens.js';

@Module({})
export class AppModule {
  static of(service: EventIngest, readiness: Readiness, rate: TokenBuckets, logger: Logger): DynamicModule {
    return {
      module: AppModule,
      controllers: [HealthController, HttpDoor, NatsDoor, PingDoor, OperationalDoor],
      providers: [
        { provide: Readiness, useValue: readiness },
        { provide: TokenBuckets, useValue: rate },
        { provide: EventPipeline, useValue: service.pipeline },
        { provide: Authenticator, useValue: service.authenticator },
        { provide: LOGGER, useValue: logger },
        { provide: APP_GUARD, useClass: ApiKeyGuard },
      ],
    };
  }
}
