import { Page } from '../parts/Page.js';
import { DeliveryLog } from './DeliveryLog.js';

export function DeliveriesPage({ org }: { readonly org: string }) {
  return (
    <Page title="Deliveries" about="Every event on its way to every webhook, with each attempt.">
      <DeliveryLog org={org} />
    </Page>
  );
}
