import { Page } from '../parts/Page.js';
import { AuditLog } from './AuditLog.js';

export function AuditLogPage({ org }: { readonly org: string }) {
  return (
    <Page
      title="Audit log"
      about="Who changed what of the configuration, and when. Secrets and Authorization values never stand here."
    >
      <AuditLog org={org} />
    </Page>
  );
}
