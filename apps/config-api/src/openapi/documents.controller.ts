import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { Controller, Get, Inject, Injectable, Param, Res } from '@nestjs/common';
import { ApiExcludeController, type OpenAPIObject } from '@nestjs/swagger';
import { ProblemError } from '@postrider/contracts';
import { Public } from '@postrider/runtime';
import type { FastifyReply } from 'fastify';

/** Holds the document, which is made once the routes stand. */
@Injectable()
export class ApiDocument {
  private text = '';

  set(document: OpenAPIObject): void {
    this.text = JSON.stringify(document);
  }

  get json(): string {
    return this.text;
  }
}

const assetsDirectory = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** All that /docs loads: from here, never from a foreign host. */
const assets: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css; charset=utf-8',
  'swagger-ui-bundle.js': 'text/javascript; charset=utf-8',
  'favicon-32x32.png': 'image/png',
};

/** Swagger UI styles its elements one by one; scripts come from here alone. */
const pagePolicy =
  "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const page = `<!doctype html>
<html lang="en">
<head>
  <meta charset="utf-8">
  <meta name="viewport" content="width=device-width, initial-scale=1">
  <title>Postrider API</title>
  <link rel="stylesheet" href="/docs/swagger-ui.css">
  <link rel="icon" type="image/png" href="/docs/favicon-32x32.png">
</head>
<body>
  <div id="swagger-ui"></div>
  <script src="/docs/swagger-ui-bundle.js"></script>
  <script src="/docs/start.js"></script>
</body>
</html>
`;

// validatorUrl: unless it is null, Swagger UI sends the document's address to a service of its makers.
const startScript = `SwaggerUIBundle({ url: '/openapi.json', dom_id: '#swagger-ui', validatorUrl: null, deepLinking: true });\n`;

@Public()
@ApiExcludeController()
@Controller()
export class DocumentsController {
  constructor(@Inject(ApiDocument) private readonly document: ApiDocument) {}

  @Get('openapi.json')
  async openapi(@Res() reply: FastifyReply): Promise<void> {
    await reply.type('application/json; charset=utf-8').send(this.document.json);
  }

  @Get('docs')
  async docs(@Res() reply: FastifyReply): Promise<void> {
    await reply.type('text/html; charset=utf-8').header('Content-Security-Policy', pagePolicy).send(page);
  }

  @Get('docs/:file')
  async asset(@Param('file') file: string, @Res() reply: FastifyReply): Promise<void> {
    if (file === 'start.js') {
      await reply.type('text/javascript; charset=utf-8').send(startScript);
      return;
    }
    const type = Object.hasOwn(assets, file) ? assets[file] : undefined;
    if (type === undefined) throw new ProblemError('not_found', 'there is no such document');
    await reply
      .type(type)
      .header('Cache-Control', 'public, max-age=3600')
      .send(await readFile(join(assetsDirectory, file)));
  }
}
