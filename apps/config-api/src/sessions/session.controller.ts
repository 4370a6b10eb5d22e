import { Body, Controller, Delete, Get, Inject, Post, Req, Res } from '@nestjs/common';
import { ApiTags } from '@nestjs/swagger';
import { Session, SignIn } from '@postrider/contracts';
import { Authenticator, type CallerRequest } from '@postrider/runtime';
import type { FastifyReply } from 'fastify';
import { callerOf } from '../http/caller.js';
import { Operation } from '../openapi/operation.decorator.js';
import { Sessions } from './sessions.js';

@ApiTags('Sessions')
@Controller('v1/session')
export class SessionController {
  constructor(
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
  ) {}

  @Post()
  @Operation({
    summary: 'Sign a browser in',
    description:
      'With a key or the token of a portal link. Sets an HttpOnly cookie; calls by cookie that change something ' +
      'carry the `CsrfToken` as `X-CSRF-Token`.',
    access: 'public',
    status: 201,
    answer: Session,
  })
  async open(
    @Body({ schema: SignIn }) body: SignIn,
    @Req() request: CallerRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    const { session, cookie } = await this.sessions.open(request, body, this.authenticator);
    reply.header('Set-Cookie', cookie).header('Cache-Control', 'no-store');
    return session;
  }

  @Get()
  @Operation({ summary: 'Who calls, and what they may do', access: 'any', status: 200, answer: Session })
  async read(
    @Req() request: CallerRequest,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<Session> {
    reply.header('Cache-Control', 'no-store');
    return this.sessions.read(request, callerOf(request));
  }

  @Delete()
  @Operation({ summary: 'Sign out', access: 'any', status: 204 })
  async close(@Req() request: CallerRequest, @Res({ passthrough: true }) reply: FastifyReply): Promise<void> {
    reply.header('Set-Cookie', await this.sessions.close(request));
  }
}
