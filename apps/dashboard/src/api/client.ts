// The API's client by the session's cookie: the page comes from the same host.
import { PostriderClient } from '@postrider/client';
import { csrfHeader, type Session } from '@postrider/contracts';

let csrfToken: string | null = null;

/** The token goes along with every call that changes something. */
export function rememberTokenOf(session: Session | null): void {
  csrfToken = session?.CsrfToken ?? null;
}

export const postrider = new PostriderClient({
  apiUrl: '',
  // What is read is asked for again by React Query (main.tsx).
  retries: 0,
  headers: (method): Record<string, string> =>
    method === 'GET' || csrfToken === null ? {} : { [csrfHeader]: csrfToken },
});
