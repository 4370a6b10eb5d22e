import { Page } from '../parts/Page.js';
import { Charts } from './Charts.js';

export function ChartsPage({ org }: { readonly org: string }) {
  return (
    <Page title="Charts" about="How deliveries of all webhooks go.">
      <Charts org={org} />
    </Page>
  );
}
