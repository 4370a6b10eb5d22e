import { PostriderApiError } from '@postrider/client';
import { hasScope, type Scope, type Session, type SignIn } from '@postrider/contracts';
import { useQuery, useQueryClient } from '@tanstack/react-query';
import { createContext, useContext } from 'react';
import { postrider, rememberTokenOf } from './client.js';

const SessionContext = createContext<Session | null>(null);
export const SessionProvider = SessionContext.Provider;

/** Who is signed in; below the sign-in page there is always somebody. */
export function useSession(): Session {
  const session = useContext(SessionContext);
  if (session === null) throw new Error('useSession is for pages behind the sign-in');
  return session;
}

/** Whether the signed-in may do what needs a scope. */
export function useMay(scope: Scope): boolean {
  return hasScope(useSession().Scopes, scope);
}

/** The session as the server knows it; null when nobody is signed in. */
export function useCurrentSession() {
  return useQuery({
    queryKey: ['session'],
    queryFn: async (): Promise<Session | null> => {
      try {
        const session = await postrider.session();
        rememberTokenOf(session);
        return session;
      } catch (error) {
        if (error instanceof PostriderApiError && error.status === 401) return null;
        throw error;
      }
    },
    staleTime: Infinity,
  });
}

export function useSignIn(): (by: SignIn) => Promise<Session> {
  const client = useQueryClient();
  return async (by) => {
    const session = await postrider.signIn(by);
    rememberTokenOf(session);
    client.setQueryData(['session'], session);
    return session;
  };
}

export function useSignOut(): () => Promise<void> {
  const client = useQueryClient();
  return async () => {
    await postrider.signOut().catch(() => undefined);
    rememberTokenOf(null);
    // The next one may be of another organization.
    sessionStorage.removeItem('postrider.organization');
    client.clear();
    client.setQueryData(['session'], null);
  };
}
