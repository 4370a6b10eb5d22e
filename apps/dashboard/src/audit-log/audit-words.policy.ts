// Entries of the audit log in words.
import type { AuditEntry } from '@postrider/contracts';

export interface Change {
  readonly field: string;
  /** Null: there was nothing before. */
  readonly before: string | null;
  /** Null: there is nothing any more. */
  readonly after: string | null;
}

/** What changes with every change, or says nothing to a person. */
const left = new Set(['Id', 'OrganizationId', 'CreatedAt', 'UpdatedAt', 'SecretCreatedAt', 'Prefix']);
const maxLength = 300;

function text(field: string, value: unknown): string | null {
  if (value === undefined || value === null) return null;
  const shown = inWords(field, value);
  return shown.length > maxLength ? `${shown.slice(0, maxLength)}…` : shown;
}

function inWords(field: string, value: unknown): string {
  if (typeof value === 'string') return value;
  if (field.endsWith('At') && typeof value === 'number') {
    return `${new Date(value).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
  }
  const isList = Array.isArray(value) && value.every((one) => typeof one !== 'object');
  return isList ? value.join(', ') || 'none' : JSON.stringify(value);
}

/** `webhook.secret_rotated` → “Webhook: secret rotated”. */
export function actionText(action: string): string {
  const [what = '', did = ''] = action.split('.');
  const noun = what.replaceAll('_', ' ').replace(/^api\b/, 'API');
  return `${noun.charAt(0).toUpperCase()}${noun.slice(1)} ${did.replaceAll('_', ' ')}`;
}

/** What the thing was called when it was changed; null where the entry does not say, as that has not changed. */
export function nameOf({ Before, After }: AuditEntry): string | null {
  for (const fields of [After, Before]) {
    for (const name of ['Alias', 'Name', 'Url', 'Email']) {
      const value = fields?.[name];
      if (typeof value === 'string' && value !== '') return value;
    }
  }
  return null;
}

/** Field by field; of something new only what was set. Nothing for what was deleted: its name says it. */
export function changesOf({ Before, After, Action }: AuditEntry): Change[] {
  if (After === null || Action.endsWith('.deleted')) return [];
  return Object.keys({ ...Before, ...After })
    .filter((field) => !left.has(field))
    .map((field) => ({ field, before: text(field, Before?.[field]), after: text(field, After[field]) }))
    .filter(({ before, after }) => before !== after);
}
