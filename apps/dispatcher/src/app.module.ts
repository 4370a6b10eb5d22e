import { Module, type DynamicModule } from '@nestjs/common';
import { HealthController, Readiness } from '@postrider/runtime';
import type { Dispatcher } from './dispatcher.js';
import { LANE_RECEIVER, LaneController } from './receive/lane.controller.js';
import { REQUEST_DESK, RequestsController } from './requests/requests.controller.js';

@Module({})
export class AppModule {
  static of(dispatcher: Dispatcher, readiness: Readiness): DynamicModule {
    return {
      module: AppModule,
      controllers: [HealthController, LaneController, RequestsController],
      providers: [
        { provide: Readiness, useValue: readiness },
        { provide: LANE_RECEIVER, useValue: dispatcher.laneReceiver },
        { provide: REQUEST_DESK, useValue: dispatcher.requestDesk },
      ],
    };
  }
}
