import { Group, SimpleGrid, Stack, Tabs, Text, Title } from '@mantine/core';
import type { ServiceName, ServiceStatus, SystemStatus } from '@postrider/contracts';
import { useSystem } from '../api/queries.js';
import { AuditLog } from '../audit-log/AuditLog.js';
import { Loading, Notice, Problem } from '../parts/Feedback.js';
import { Page } from '../parts/Page.js';
import { State } from '../parts/State.js';
import { Time } from '../parts/Time.js';

const does: Readonly<Record<ServiceName, string>> = {
  'config-api': 'Serves the API and this dashboard.',
  'event-ingest': 'Takes in events over NATS and HTTP.',
  dispatcher: 'Sends deliveries, records attempts, claims what is due.',
  signer: 'Keeps the secrets and signs.',
};

/** Figures in words, in the order in which they are shown; others that a newer service tells come after them. */
const figureWords: Readonly<Record<string, string>> = {
  ConfigurationTold: 'Changes of webhooks told',
  ConfigurationLeft: 'Changes left for later',
  EventsPending: 'Events waiting in NATS',
  EventsUnacknowledged: 'Events being accepted',
  EventsAccepted: 'Events accepted',
  EventsDuplicate: 'Duplicates',
  EventsRejected: 'Events rejected',
  DeliveriesCreated: 'Deliveries made',
  AttemptsInFlight: 'Requests under way',
  DeliveriesWaiting: 'Deliveries waiting in memory',
  OutcomesUnrecorded: 'Outcomes being recorded',
  AttemptsMade: 'Attempts made',
  DeliveriesFromFastLane: 'Taken from the fast lane',
  DeliveriesClaimed: 'Claimed from PostgreSQL',
  DeliveriesParked: 'Parked',
  DeliveriesSigned: 'Deliveries signed',
  SecretsInMemory: 'Secrets in memory',
  SecretsRead: 'Secrets read from PostgreSQL',
};

export function SystemPage() {
  return (
    <Page title="System" about="How the services are, asked of each of them every five seconds.">
      <Tabs defaultValue="services" keepMounted={false}>
        <Tabs.List>
          <Tabs.Tab value="services">Services</Tabs.Tab>
          <Tabs.Tab value="changes">Changes of the installation</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="services" pt="md">
          <Services />
        </Tabs.Panel>
        <Tabs.Panel value="changes" pt="md">
          <AuditLog org={null} />
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}

function Services() {
  const { data, error, refetch } = useSystem();
  return (
    <Stack>
      {error === null ? null : <Problem error={error} retry={() => void refetch()} />}
      {data === undefined && error === null ? <Loading /> : null}
      {data === undefined ? null : (
        <>
          <Verdict status={data} />
          <SimpleGrid cols={{ base: 1, md: 2 }}>
            {data.Services.map(({ Name, Instances }) => (
              <Service key={Name} name={Name} instances={Instances} />
            ))}
          </SimpleGrid>
        </>
      )}
    </Stack>
  );
}

function Verdict({ status }: { readonly status: SystemStatus }) {
  if (!status.NatsConnected) {
    return (
      <Notice tone="bad">
        <b>NATS is away</b>, so the other services could not be asked. Events over HTTP are still accepted;
        deliveries go on when it is back.
      </Notice>
    );
  }
  const silent = status.Services.filter(({ Instances }) => Instances.length === 0);
  const troubled = status.Services.filter(({ Instances }) => Instances.some(({ Ready }) => !Ready));
  if (silent.length === 0 && troubled.length === 0) {
    return (
      <Group gap="sm" role="status">
        <State tone="good" mark="✓">
          All services are ready
        </State>
      </Group>
    );
  }
  return (
    <Notice tone="bad">
      {[
        ...silent.map(({ Name }) => `${Name} does not answer.`),
        ...troubled.map(({ Name }) => `${Name} is not ready.`),
      ].join(' ')}
    </Notice>
  );
}

function Service({
  name,
  instances,
}: {
  readonly name: ServiceName;
  readonly instances: readonly ServiceStatus[];
}) {
  return (
    <Stack className="card" p="md" gap="sm" component="section" aria-label={name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Title order={2} size="h3">
            {name}
          </Title>
          <Text size="sm" c="dimmed">
            {does[name]}
          </Text>
        </div>
        <ServiceState instances={instances} />
      </Group>
      {instances.length === 0 ? (
        <Text size="sm">
          No instance has answered: it is down, starting, or cut off from NATS. Its log says which.
        </Text>
      ) : null}
      {instances.map((instance) => (
        <Instance key={instance.InstanceId} instance={instance} isOneOfMany={instances.length > 1} />
      ))}
    </Stack>
  );
}

function ServiceState({ instances }: { readonly instances: readonly ServiceStatus[] }) {
  if (instances.length === 0) {
    return (
      <State tone="bad" mark="✕">
        No answer
      </State>
    );
  }
  const ready = instances.filter(({ Ready }) => Ready).length;
  if (ready === instances.length) {
    return (
      <State tone="good" mark="✓">
        Ready
      </State>
    );
  }
  return (
    <State tone="bad" mark="✕">
      {ready === 0 ? 'Not ready' : `${ready} of ${instances.length} ready`}
    </State>
  );
}

function Instance({
  instance,
  isOneOfMany,
}: {
  readonly instance: ServiceStatus;
  readonly isOneOfMany: boolean;
}) {
  const { Figures: figures } = instance;
  const names = [
    ...Object.keys(figureWords).filter((name) => name in figures),
    ...Object.keys(figures).filter((name) => !(name in figureWords)),
  ];
  return (
    <Stack gap="xs" className="instance">
      {isOneOfMany ? <Text className="mono">{instance.InstanceId.slice(-12)}</Text> : null}
      <Group gap="xs">
        {instance.Checks.map(({ Name, Ok, Reason }) => (
          <State key={Name} tone={Ok ? 'good' : 'bad'} mark={Ok ? '✓' : '✕'}>
            {Reason === null ? Name : `${Name}: ${Reason}`}
          </State>
        ))}
      </Group>
      {names.length === 0 ? null : (
        <dl className="figures">
          {names.map((name) => (
            <div key={name}>
              <dt>{figureWords[name] ?? name}</dt>
              <dd>{figures[name]?.toLocaleString() ?? '–'}</dd>
            </div>
          ))}
        </dl>
      )}
      <Text size="xs" c="dimmed">
        Version {instance.Version} · started <Time at={instance.StartedAt} ago span />
      </Text>
    </Stack>
  );
}
