// The pages behind the links in mails. Reading one changes nothing: mail programs and virus scanners follow links too.
import { Controller, Get, HttpCode, Inject, Param, Post, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { Public } from '@postrider/runtime';
import type { FastifyReply } from 'fastify';
import { MailLinks } from './mail-links.js';

@ApiExcludeController()
@Controller('v1/mail/:token')
export class MailLinksController {
  constructor(@Inject(MailLinks) private readonly links: MailLinks) {}

  @Get()
  @Public()
  async show(@Param('token') token: string, @Res() reply: FastifyReply): Promise<void> {
    const found = await this.links.find(token);
    if (found === null) return tell(reply, 404, expired);
    const [question, button] =
      found.link.purpose === 'confirm'
        ? ['Do you want notifications to be sent to this address?', 'Yes, send them']
        : ['Do you want to get no more of these mails?', 'No more'];
    return tell(reply, 200, question, `<form method="post"><button>${button}</button></form>`);
  }

  /** From the page, or from the mail program itself (RFC 8058). */
  @Post()
  @Public()
  @HttpCode(200)
  async follow(@Param('token') token: string, @Res() reply: FastifyReply): Promise<void> {
    const found = await this.links.find(token);
    if (found === null) return tell(reply, 404, expired);
    await this.links.follow(found);
    const done =
      found.link.purpose === 'confirm' ? 'Notifications will be sent.' : 'You get no more of them.';
    return tell(reply, 200, done);
  }
}

const expired = 'This link is not valid any more.';
/** Nothing is loaded, and nobody frames the button. */
const policy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";

async function tell(reply: FastifyReply, status: number, text: string, more = ''): Promise<void> {
  await reply
    .status(status)
    .header('Content-Security-Policy', policy)
    .header('Referrer-Policy', 'no-referrer')
    .header('Cache-Control', 'no-store')
    .type('text/html; charset=utf-8')
    .send(`<!doctype html><html lang="en"><title>Postrider</title><p>${text}</p>${more}</html>`);
}
