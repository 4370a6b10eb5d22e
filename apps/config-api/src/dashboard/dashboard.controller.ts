import { Controller, Get, Inject, Req, Res } from '@nestjs/common';
import { ApiExcludeController } from '@nestjs/swagger';
import { ProblemError } from '@postrider/contracts';
import { Public } from '@postrider/runtime';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { DASHBOARD_FILES, PORTAL_PARENTS } from '../tokens.js';
import type { DashboardFile } from './dashboard-files.js';

const oneYearSeconds = 31_536_000;

/** The dashboard at `/`: one page for all of its addresses, and what that page loads. */
@Public()
@ApiExcludeController()
@Controller()
export class DashboardController {
  private readonly policy: string;

  constructor(
    @Inject(DASHBOARD_FILES) private readonly files: ReadonlyMap<string, DashboardFile> | null,
    @Inject(PORTAL_PARENTS) portalParents: readonly string[],
  ) {
    this.policy = contentSecurityPolicy(portalParents);
  }

  /** Pages are addressed below /o (an organization's) and /admin; /portal is where portal links lead. */
  @Get(['/', 'portal', 'o/*', 'admin', 'admin/*'])
  async page(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    if (this.files === null) {
      await reply.redirect('/docs', 302);
      return;
    }
    reply
      .header('Content-Security-Policy', this.policy)
      .header('Referrer-Policy', 'no-referrer')
      .header('Cache-Control', 'no-cache');
    await this.send('index.html', request, reply);
  }

  @Get(['assets/*', 'favicon.svg'])
  async asset(@Req() request: FastifyRequest, @Res() reply: FastifyReply): Promise<void> {
    const path = (request.url.split('?', 1)[0] ?? '').slice(1);
    // Names of assets change with what is in them.
    const isNamedByContent = path.startsWith('assets/');
    reply.header(
      'Cache-Control',
      isNamedByContent ? `public, max-age=${oneYearSeconds}, immutable` : 'no-cache',
    );
    await this.send(path, request, reply);
  }

  private async send(path: string, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const file = this.files?.get(path);
    if (file === undefined) {
      reply.removeHeader('Cache-Control');
      throw new ProblemError('not_found', 'there is no such file');
    }
    reply.header('ETag', file.etag).header('Vary', 'Accept-Encoding').type(file.type);
    if (request.headers['if-none-match'] === file.etag) {
      await reply.status(304).send();
      return;
    }
    const accepted = request.headers['accept-encoding'] ?? '';
    if (/\bbr\b/.test(accepted)) await reply.header('Content-Encoding', 'br').send(file.brotli);
    else if (/\bgzip\b/.test(accepted)) await reply.header('Content-Encoding', 'gzip').send(file.gzip);
    else await reply.send(file.plain);
  }
}

/**
 * Scripts from here alone, never inline. Styles inline: Mantine writes its variables into a <style>, and what receivers
 * send is shown as text, so that nobody else gets to write one.
 */
function contentSecurityPolicy(portalParents: readonly string[]): string {
  return [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    `frame-ancestors ${portalParents.length === 0 ? "'none'" : portalParents.join(' ')}`,
  ].join('; ');
}
