import { verify, WebhookVerificationError } from '@postrider/receiver';
import type { Command } from 'commander';
import { signingSecretFromEnvironment } from '../config.js';
import { contextOf, type Context } from '../context.js';
import { CliError } from '../errors.js';
import { table } from '../output.js';
import { integerArgument, readBytes, readText } from '../parse.js';
import { readHeaders } from '../read-headers.js';

interface VerifyOptions {
  readonly body?: string;
  readonly headers?: string;
  readonly header: readonly string[];
  readonly delivery?: string;
  readonly secret: readonly string[];
  readonly tolerance?: number;
}

type Captured = { readonly body: Uint8Array; readonly headers: Readonly<Record<string, string>> };

interface Check {
  readonly Form: 'webhook-signature' | 'X-Hub-Signature';
  readonly Result: 'right' | 'wrong' | 'absent';
  readonly Code: string | null;
  readonly Detail: string;
}

const collect = (text: string, before: readonly string[]): readonly string[] => [...before, text];

export function addVerify(program: Command): void {
  program
    .command('verify')
    .description('say whether a captured request is signed with your secret, and if not, why not')
    .option('--body <file>', 'the body, byte by byte as it came; - is standard input')
    .option('--headers <file>', 'its headers: lines of "name: value", or a JSON object')
    .option('-H, --header <header>', 'a header, "name: value"; may be repeated', collect, [])
    .option('--delivery <id>', 'instead of these: the last request of a delivery in the log')
    .option(
      '--secret <whsec_…>',
      'the signing secret; may be repeated (default: SIGNING_SECRET)',
      collect,
      [],
    )
    .option(
      '--tolerance <seconds>',
      'how old it may be (default: any age)',
      integerArgument(1, 1_000_000_000),
    )
    .action(async (options: VerifyOptions, command: Command) => {
      const context = contextOf(command);
      const captured = await capturedBy(context, options);
      const checks = checksOf(captured, secretsOf(options), options.tolerance);
      const isVerified =
        checks.every(({ Result }) => Result !== 'wrong') && checks.some(({ Result }) => Result === 'right');
      context.output.result({ Verified: isVerified, Checks: checks }, () =>
        [
          isVerified ? 'verified' : 'NOT VERIFIED',
          table(checks.map((one) => [one.Form, one.Result, one.Detail])),
        ].join('\n'),
      );
      if (!isVerified) process.exitCode = 1;
    });
}

async function capturedBy(
  context: Context,
  { body, headers, header, delivery }: VerifyOptions,
): Promise<Captured> {
  if (delivery !== undefined) {
    const found = await (await context.organization()).deliveries.get(delivery);
    const request = found.Attempts.at(-1)?.Request;
    if (request === undefined)
      throw new CliError('This delivery has no attempt yet.', 'Wait for it, or resend it.');
    return { body: Buffer.from(request.Body, 'utf8'), headers: readHeaders(JSON.stringify(request.Headers)) };
  }
  if (body === undefined || (headers === undefined && header.length === 0)) {
    const hint = 'Give --body and --headers (or -H), or --delivery <id> for one of the log.';
    throw new CliError('Nothing to verify.', hint, 2);
  }
  const read = [headers === undefined ? '' : readText(headers), header.join('\n')];
  return {
    body: readBytes(body),
    headers: Object.assign({}, ...read.map(readHeaders)) as Record<string, string>,
  };
}

function secretsOf({ secret }: VerifyOptions): readonly string[] {
  const fromEnvironment = signingSecretFromEnvironment();
  if (secret.length > 0) return secret;
  if (fromEnvironment !== undefined && fromEnvironment !== '') return [fromEnvironment];
  const hint =
    'Give --secret whsec_… or set SIGNING_SECRET. A lost one is replaced: postrider webhooks rotate <id>.';
  throw new CliError('No signing secret is given.', hint, 2);
}

/** Both forms; a captured request is old by nature, so its age counts only where a tolerance is given. */
function checksOf(captured: Captured, secrets: readonly string[], tolerance: number | undefined): Check[] {
  const toleranceSeconds = tolerance ?? Number.MAX_SAFE_INTEGER;
  const seconds = Number(captured.headers['webhook-timestamp']);
  const signedAt = Number.isFinite(seconds) ? new Date(seconds * 1_000).toISOString() : '';
  return [
    check(captured, 'webhook-signature', `id, time (${signedAt}) and body are as they were signed`, () =>
      verify(captured.body, captured.headers, secrets, { toleranceSeconds }),
    ),
    check(captured, 'X-Hub-Signature', 'the body is as it was signed', () =>
      verify(captured.body, captured.headers, secrets, { form: 'hub' }),
    ),
  ];
}

function check({ headers }: Captured, form: Check['Form'], good: string, run: () => unknown): Check {
  if (headers[form.toLowerCase()] === undefined) {
    return { Form: form, Result: 'absent', Code: null, Detail: 'the request has no such header' };
  }
  try {
    run();
    return { Form: form, Result: 'right', Code: null, Detail: good };
  } catch (error) {
    if (!(error instanceof WebhookVerificationError)) throw error;
    return { Form: form, Result: 'wrong', Code: error.code, Detail: error.message };
  }
}
