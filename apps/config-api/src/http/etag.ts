// Optimistic locking: the ETag of a resource is its configuration version. RFC 9110 sections 8.8.3 and 13.1.1.
import { ProblemError } from '@postrider/contracts';

export function etagOf(version: number): string {
  return `"${version}"`;
}

/** Throws `version_mismatch` unless `If-Match` is absent, `*`, or names this version; weak tags never match. */
export function requireMatch(ifMatch: string | undefined, version: number): void {
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (tags.includes(etagOf(version))) return;
  throw new ProblemError(
    'version_mismatch',
    `it has changed since it was read: read it again and send If-Match: ${etagOf(version)}`,
    [],
    { ETag: etagOf(version) },
  );
}
