// The OpenAPI document: paths, parameters and bodies come from the handlers' own schemas, so that what is documented is
// what is checked.
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { messageSchemas, Problem } from '@postrider/contracts';
import { completeOpenApi } from '@postrider/contracts/documents';
import { version } from '@postrider/runtime';
import { z } from 'zod';

type Schemas = Record<string, unknown>;

/** Bodies of the contracts by name: each stands once in the document and is referred to. */
const named = z.registry<{ id: string }>();
for (const [name, schema] of Object.entries(messageSchemas)) {
  if (name.startsWith('http.')) named.add(schema, { id: name.slice('http.'.length) });
}

export function createDocument(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Postrider')
    .setDescription(
      'Organizations, webhooks, topics and the delivery log. Keys are PascalCase, times are epoch milliseconds; ' +
        'errors are RFC 9457 problem details. Lists are paged by opaque cursors.',
    )
    .setVersion(version)
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/')
    .addBearerAuth(
      { type: 'http', scheme: 'bearer', description: 'The admin key or an API key (`pr_…`).' },
      'ApiKey',
    )
    .addSecurityRequirements('ApiKey')
    .build();
  const document = SwaggerModule.createDocument(app, builder, {
    standardSchemaConverter: (schema, { schemaType }) => toJsonSchema(schema as z.ZodType, schemaType),
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  describeProblems(document);
  return completeOpenApi(document);
}

function toJsonSchema(schema: z.ZodType, io: 'input' | 'output'): { schema: unknown; components: Schemas } {
  const {
    $schema: _,
    $defs,
    ...body
  } = z.toJSONSchema(schema, {
    io,
    metadata: named,
    unrepresentable: 'any',
    override: describeQuery,
  });
  return { schema: body, components: $defs ?? {} };
}

/** A query parameter is text to the parser and a number to its reader: it is documented as the number. */
const describeQuery: NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override'] = (context) => {
  const { def } = context.zodSchema._zod;
  if (def.type === 'default') context.jsonSchema.default ??= def.defaultValue;
  if (def.type !== 'pipe' || !(def.out instanceof z.ZodNumber)) return;
  const { $schema: _, ...schema } = z.toJSONSchema(def.out);
  delete context.jsonSchema.pattern;
  Object.assign(context.jsonSchema, schema);
};

const problemTexts: Readonly<Record<string, string>> = {
  '400': 'The request could not be read.',
  '401': 'No key, or none that is valid.',
  '403': 'The key lacks the scope.',
  '404': "Not there, or another organization's.",
  '409': 'It is in another state, or exists already.',
  '412': 'It has changed since it was read.',
  '413': 'The body is too large.',
  '415': 'The body is not JSON.',
  '422': 'Some fields or parameters are wrong: `errors` names each.',
  '429': 'Too many requests, of the key or of the organization: try again after `Retry-After` seconds.',
  '503': 'A part of the system is away for the moment: try again after `Retry-After` seconds.',
};

/** Every call may be answered with a problem; which ones follows from what the call takes. */
function describeProblems(document: OpenAPIObject): void {
  const { schema, components } = toJsonSchema(Problem, 'output');
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, ...(rewriteRefs({ ...components }) as object) },
  };
  const content = { 'application/problem+json': { schema: rewriteRefs(schema) as object } };
  for (const [path, item] of Object.entries(document.paths)) {
    for (const method of ['get', 'post', 'patch', 'delete'] as const) {
      const operation = item[method];
      if (operation === undefined) continue;
      if (!path.startsWith('/v1/')) {
        operation.security = [];
        continue;
      }
      const statuses = ['400', '401', '403', '404', '422', '429', '503'];
      if (method !== 'get') statuses.push('409');
      if (method === 'patch' || method === 'delete') statuses.push('412');
      if (operation.requestBody !== undefined) {
        statuses.push('413', '415');
        makeOptional(operation.requestBody, document);
      }
      for (const status of statuses) {
        operation.responses[status] = { description: problemTexts[status] ?? '', content };
      }
    }
  }
}

type OperationObject = NonNullable<OpenAPIObject['paths'][string]['get']>;

/** A body of which no field is needed is not needed itself. */
function makeOptional(body: NonNullable<OperationObject['requestBody']>, document: OpenAPIObject): void {
  if (!('content' in body)) return;
  const [media] = Object.values(body.content) as { schema?: { $ref?: string; required?: unknown } }[];
  const name = media?.schema?.$ref?.split('/').at(-1);
  const schema = name === undefined ? media?.schema : document.components?.schemas?.[name];
  if (schema !== undefined && !('required' in schema)) body.required = false;
}

function rewriteRefs(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value).replaceAll('"#/$defs/', '"#/components/schemas/'));
}
