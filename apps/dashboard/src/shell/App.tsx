import { Container } from '@mantine/core';
import { lazy, Suspense } from 'react';
import { Redirect, Route, Switch } from 'wouter';
import { SessionProvider, useCurrentSession, useSession } from '../api/session.js';
import { useOrganizations } from '../api/queries.js';
import { Empty, Loading, Problem } from '../parts/Feedback.js';
import { Portal } from '../session/Portal.js';
import { SignIn } from '../session/SignIn.js';
import { DeliveriesPage } from '../deliveries/DeliveriesPage.js';
import { WebhooksPage } from '../webhooks/WebhooksPage.js';
import { Shell } from './Shell.js';

// The pages of every day come at once, the rest when it is asked for.
const WebhookPage = lazy(() =>
  import('../webhooks/WebhookPage.js').then((m) => ({ default: m.WebhookPage })),
);
const ChartsPage = lazy(() => import('../charts/ChartsPage.js').then((m) => ({ default: m.ChartsPage })));
const EventsPage = lazy(() => import('../events/EventsPage.js').then((m) => ({ default: m.EventsPage })));
const TopicsPage = lazy(() => import('../settings/TopicsPage.js').then((m) => ({ default: m.TopicsPage })));
const KeysPage = lazy(() => import('../settings/KeysPage.js').then((m) => ({ default: m.KeysPage })));
const AuditLogPage = lazy(() =>
  import('../audit-log/AuditLogPage.js').then((m) => ({ default: m.AuditLogPage })),
);
const OrganizationsPage = lazy(() =>
  import('../settings/OrganizationsPage.js').then((m) => ({ default: m.OrganizationsPage })),
);
const SystemPage = lazy(() => import('../settings/SystemPage.js').then((m) => ({ default: m.SystemPage })));

export function App() {
  const { data: session, error, refetch } = useCurrentSession();
  if (window.location.pathname === '/portal') return <Portal />;
  if (error !== null) {
    return (
      <Container size="xs" py="xl">
        <Problem error={error} retry={() => void refetch()} />
      </Container>
    );
  }
  if (session === undefined) return <Loading />;
  if (session === null) return <SignIn />;
  return (
    <SessionProvider value={session}>
      <Switch>
        <Route path="/o/:org/*?">{({ org }) => <OrganizationPages key={org} org={org} />}</Route>
        <Route path="/admin/:page">
          <AdminPages />
        </Route>
        <Route>
          <Home />
        </Route>
      </Switch>
    </SessionProvider>
  );
}

function OrganizationPages({ org }: { readonly org: string }) {
  const base = `/o/${org}`;
  return (
    <Shell org={org}>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path={`${base}/webhooks`}>
            <WebhooksPage org={org} />
          </Route>
          <Route path={`${base}/webhooks/:id`}>
            {({ id }) => <WebhookPage key={id} org={org} id={id} />}
          </Route>
          <Route path={`${base}/deliveries`}>
            <DeliveriesPage org={org} />
          </Route>
          <Route path={`${base}/charts`}>
            <ChartsPage org={org} />
          </Route>
          <Route path={`${base}/events`}>
            <EventsPage org={org} />
          </Route>
          <Route path={`${base}/topics`}>
            <TopicsPage />
          </Route>
          <Route path={`${base}/keys`}>
            <KeysPage org={org} />
          </Route>
          <Route path={`${base}/audit-log`}>
            <AuditLogPage org={org} />
          </Route>
          <Route>
            <Redirect to={`${base}/webhooks`} replace />
          </Route>
        </Switch>
      </Suspense>
    </Shell>
  );
}

function AdminPages() {
  return (
    <Shell org={null}>
      <Suspense fallback={<Loading />}>
        <Switch>
          <Route path="/admin/organizations">
            <OrganizationsPage />
          </Route>
          <Route path="/admin/system">
            <SystemPage />
          </Route>
          <Route>
            <Empty title="There is no such page">The menu above leads to those that are.</Empty>
          </Route>
        </Switch>
      </Suspense>
    </Shell>
  );
}

/** The organization of the key; for the admin the first one, or where to make one. */
function Home() {
  const session = useSession();
  const { data, error } = useOrganizations(session.Kind === 'admin');
  if (session.OrganizationId !== null)
    return <Redirect to={`/o/${session.OrganizationId}/webhooks`} replace />;
  if (error !== null) return <Problem error={error} />;
  if (data === undefined) return <Loading />;
  const [first] = data;
  return <Redirect to={first === undefined ? '/admin/organizations' : `/o/${first.Id}/webhooks`} replace />;
}
