// Calls of config-api by the session's cookie. What goes wrong becomes an ApiError with the words of the API.
import { csrfHeader, type FieldError, type Problem, type Session } from '@postrider/contracts';

export class ApiError extends Error {
  override readonly name = 'ApiError';

  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly errors: readonly FieldError[] = [],
    readonly requestId?: string,
  ) {
    super(message);
  }
}

let csrfToken: string | null = null;

/** The token goes along with every call that changes something. */
export function rememberTokenOf(session: Session | null): void {
  csrfToken = session?.CsrfToken ?? null;
}

export type Method = 'GET' | 'POST' | 'PATCH' | 'DELETE';

/** The answer's body, null for 204; throws ApiError. */
export async function call<T>(method: Method, path: string, body?: unknown): Promise<T> {
  const text = await callForText(method, path, body);
  return (text === '' ? null : JSON.parse(text)) as T;
}

/** The answer's body as it came, for what JSON.parse would change (digits, the order of keys); empty for 204. */
export async function callForText(method: Method, path: string, body?: unknown): Promise<string> {
  const headers: Record<string, string> = {};
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET' && csrfToken !== null) headers[csrfHeader] = csrfToken;
  let response: Response;
  try {
    response = await fetch(path, {
      method,
      headers,
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
  } catch {
    throw new ApiError(0, 'offline', 'Postrider could not be reached. Check the connection and try again.');
  }
  if (response.ok) return response.text();
  const problem = (await response.json().catch(() => null)) as Partial<Problem> | null;
  throw new ApiError(
    response.status,
    problem?.code ?? 'unknown',
    problem?.detail ?? `The server answered ${response.status}. Try again in a moment.`,
    problem?.errors,
    problem?.requestId,
  );
}

/** `path?a=1&b=2`, without what is empty. */
export function withQuery(
  path: string,
  query: Readonly<Record<string, string | number | null | undefined>>,
): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') parameters.set(name, String(value));
  }
  const text = parameters.toString();
  return text === '' ? path : `${path}?${text}`;
}

export function organizationPath(organizationId: string): string {
  return `/v1/organizations/${organizationId}`;
}
