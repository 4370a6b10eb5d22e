// What the doctor finds, one by one.

export interface Finding {
  /** Part of the installation. */
  readonly Part: string;
  readonly Result: 'ok' | 'wrong' | 'unsure';
  readonly Detail: string;
  /** What to do; null where nothing is wrong. */
  readonly Remedy: string | null;
}

export const ok = (Part: string, Detail: string): Finding => ({ Part, Result: 'ok', Detail, Remedy: null });

export const wrong = (Part: string, Detail: string, Remedy: string): Finding => ({
  Part,
  Result: 'wrong',
  Detail,
  Remedy,
});

/** Could not be judged from here, or will be trouble some day. */
export const unsure = (Part: string, Detail: string, Remedy: string | null): Finding => ({
  Part,
  Result: 'unsure',
  Detail,
  Remedy,
});

export const reasonOf = (error: unknown): string => {
  const { message, code } = error as NodeJS.ErrnoException;
  return message === '' || message === undefined ? (code ?? String(error)) : message;
};
