// What a handler says of itself: who may call it, what it answers, and the words for the documentation. One decorator for
// all three, so that a route without access or without documentation does not come about.
import { applyDecorators, HttpCode } from '@nestjs/common';
import { ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { Scope } from '@postrider/contracts';
import { AdminOnly, AnyKey, Public, RequireScope } from '@postrider/runtime';
import type { z } from 'zod';

export interface OperationOptions {
  /** A scope, the admin key alone, any valid key, or none. */
  readonly access: Scope | 'admin' | 'any' | 'public';
  readonly summary: string;
  readonly description?: string;
  readonly status: 200 | 201 | 202 | 204;
  /** Schema of the answer; none for 204. */
  readonly answer?: z.ZodType;
  /** Statuses that the handler sets itself besides `status`. */
  readonly alsoStatus?: 200 | 202;
  /** Schema of the answer with `alsoStatus`, where it is another. */
  readonly alsoAnswer?: z.ZodType;
}

export function Operation(options: OperationOptions): MethodDecorator {
  return applyDecorators(
    parameterTypes,
    accessDecorator(options.access),
    HttpCode(options.status),
    ApiOperation({
      summary: options.summary,
      description: [options.description, accessText(options.access)].filter(Boolean).join(' '),
    }),
    answerOf(options.status, options.answer),
    ...(options.alsoStatus === undefined
      ? []
      : [answerOf(options.alsoStatus, options.alsoAnswer ?? options.answer)]),
  );
}

function answerOf(status: number, schema: z.ZodType | undefined): MethodDecorator {
  return ApiResponse({
    status,
    description: schema === undefined ? 'Done; there is nothing to say.' : (answerTexts[status] ?? ''),
    ...(schema === undefined ? {} : { standardSchema: schema }),
  });
}

const answerTexts: Readonly<Record<number, string>> = {
  200: 'Done.',
  201: 'Created.',
  202: 'Taken in; what follows shows in the delivery.',
};

function accessDecorator(access: OperationOptions['access']): MethodDecorator & ClassDecorator {
  if (access === 'admin') return AdminOnly();
  if (access === 'any') return AnyKey();
  if (access === 'public') return Public();
  return RequireScope(access);
}

function accessText(access: OperationOptions['access']): string {
  if (access === 'admin') return 'Needs the admin key.';
  if (access === 'any') return 'Any valid key will do.';
  if (access === 'public') return '';
  return `Needs the scope \`${access}\`.`;
}

/**
 * @nestjs/swagger 12 looks for the schemas of parameters only where TypeScript has emitted their types, which this
 * project does not have it do; that there are so many is all that it wants to know.
 */
const parameterTypes: MethodDecorator = (target, key, descriptor) => {
  const handler = descriptor.value as unknown as (...args: unknown[]) => unknown;
  const types = Array.from({ length: handler.length }, () => Object);
  Reflect.defineMetadata('design:paramtypes', types, target, key);
};
