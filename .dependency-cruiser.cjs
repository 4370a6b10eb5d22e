/** Who may import whom (docs/architecture.md, "Layout"). */
module.exports = {
  forbidden: [
    {
      name: 'apps-import-packages-never-apps',
      severity: 'error',
      from: { path: '^apps/([^/]+)/' },
      to: { path: '^apps/', pathNot: '^apps/$1/' },
    },
    {
      name: 'packages-never-import-apps',
      severity: 'error',
      from: { path: '^packages/' },
      to: { path: '^apps/' },
    },
    {
      name: 'stages-never-import-each-other',
      comment: 'Only the pipeline and the module of a service know its stages.',
      severity: 'error',
      from: { path: '^apps/(event-ingest|dispatcher|signer)/src/([^/]+)/', pathNot: '\\.test\\.ts$' },
      to: { path: '^apps/$1/src/[^/]+/', pathNot: ['^apps/$1/src/$2/', '^apps/$1/src/shared/'] },
    },
    {
      name: 'policies-are-pure',
      severity: 'error',
      from: { path: '\\.policy\\.ts$' },
      to: { pathNot: ['^packages/contracts/', '\\.policy\\.ts$', '^node_modules/(re2js|ipaddr\\.js)/'] },
    },
    {
      name: 'contracts-import-zod-only',
      severity: 'error',
      from: { path: '^packages/contracts/src', pathNot: '\\.test\\.ts$' },
      to: { pathNot: ['^packages/contracts/src', 'node_modules/zod/', '^node:crypto$', '^crypto$'] },
    },
    {
      name: 'nats-only-in-messaging',
      severity: 'error',
      from: { pathNot: '^packages/messaging/' },
      to: { path: 'node_modules/@nats-io/' },
    },
    {
      name: 'undici-only-in-deliver',
      severity: 'error',
      from: { path: '^(apps|packages)/', pathNot: ['^apps/dispatcher/src/deliver/'] },
      to: { path: 'node_modules/undici/' },
    },
    {
      name: 'dashboard-runs-in-a-browser',
      comment: 'Of the packages it takes the contracts and the client, and nothing of Node.js.',
      severity: 'error',
      from: { path: '^apps/dashboard/src/', pathNot: '\\.test\\.ts$' },
      to: { path: ['^packages/(?!(contracts|client)/)'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'dashboard-has-no-node-core',
      severity: 'error',
      from: { path: '^apps/dashboard/src/', pathNot: '\\.test\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'client-runs-in-a-browser',
      comment: 'Of the contracts it takes types alone, so that it is small; nothing of Node.js.',
      severity: 'error',
      from: { path: '^packages/client/src/' },
      to: { path: '^packages/(?!client/)', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'client-has-no-node-core',
      severity: 'error',
      from: { path: '^packages/client/src/' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-deep-imports-into-packages',
      comment: 'A package has one door: its index (or a door named in its exports).',
      severity: 'error',
      from: { path: '^(apps|e2e|bench|chaos)/' },
      to: { path: '^packages/[^/]+/src/', dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|coverage)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
