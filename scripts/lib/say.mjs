// What the person at the terminal reads.

/** Something the person can mend: its message is printed as it is, without a stack. */
export class UserError extends Error {}

const startedAt = performance.now();

/** One line, with the seconds since the command began. */
export function say(text) {
  const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
  console.log(`${seconds.padStart(6)} s  ${text}`);
}

const byCode = {
  ENOSPC: (error) =>
    `No space left on the disk${error.path ? ` (writing ${error.path})` : ''}. Free some and start again.`,
  EDQUOT: () => 'The disk quota of this user is used up. Free some space and start again.',
  EACCES: (error) => noPermission(error),
  EPERM: (error) => noPermission(error),
  EROFS: (error) =>
    `${error.path ?? 'The folder'} is on a read-only file system; Postrider keeps its data in the clone.`,
};

function noPermission(error) {
  const user = process.getuid?.() === 0 ? 'root' : `this user (uid ${process.getuid?.() ?? '?'})`;
  return (
    `No permission for ${user}: ${error.message}\n` +
    'Start Postrider as the user who owns the clone, or give the folder to this one (chown -R).'
  );
}

/** Prints why the command ends: a sentence where the person can do something, else the whole error. */
export function sayError(error) {
  const known = error instanceof UserError ? error.message : byCode[error?.code]?.(error);
  console.error(`\n${known ?? error?.stack ?? String(error)}\n`);
}
