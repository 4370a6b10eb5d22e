import { counter, gauge, histogram, type ReadFigure } from '@postrider/runtime';

export const signatures = counter(
  'postrider_signatures_total',
  'Deliveries that were to be signed, by what came of it.',
  ['result'],
);

export const signBatchItems = histogram(
  'postrider_sign_batch_items',
  'Deliveries per sign request.',
  [1, 2, 4, 8, 16, 32, 64],
);

export const signSeconds = histogram(
  'postrider_sign_seconds',
  'Time to answer one sign request, from its bytes to the reply.',
  [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5],
);

export const secretLookups = counter(
  'postrider_secret_lookups_total',
  'Secrets looked for in memory: found there (hit), or read from the database (miss).',
  ['result'],
);

let size: () => number = () => 0;

const known = gauge(
  'postrider_secrets_known',
  'Webhooks whose secrets are in memory.',
  [],
  function collect() {
    known.set(size());
  },
);

export const knownSecrets = {
  collectFrom(source: () => number): void {
    size = source;
  },
};

/** What an instance tells of itself on the System page (contracts: ServiceStatus.Figures). */
export const statusFigures: Readonly<Record<string, ReadFigure>> = {
  DeliveriesSigned: { metric: 'postrider_signatures_total', labels: { result: 'signed' } },
  SecretsInMemory: { metric: 'postrider_secrets_known' },
  SecretsRead: { metric: 'postrider_secret_lookups_total', labels: { result: 'miss' } },
};
