import { Controller, Get, Inject } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { SystemStatus } from '@postrider/contracts';
import { Messaging } from '@postrider/messaging';
import { StatusTeller } from '@postrider/runtime';
import { Operation } from '../openapi/operation.decorator.js';
import { readSystem } from './read-system.js';

@ApiTags('System')
@Controller('v1/system')
export class SystemController {
  constructor(
    @Inject(Messaging) private readonly messaging: Messaging,
    @Inject(StatusTeller) private readonly teller: StatusTeller,
  ) {}

  @Get()
  @Operation({
    summary: 'Read how the services are',
    description:
      'Asks every instance of every service over NATS: its version, whether it is ready and what is wrong where it is ' +
      'not, and figures such as how many events wait. A service of which nobody has answered has no `Instances`.',
    access: 'admin',
    status: 200,
    answer: SystemStatus,
  })
  read(): Promise<SystemStatus> {
    return readSystem(this.messaging, this.teller);
  }
}
