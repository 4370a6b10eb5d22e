// Writes deploy/nats.conf from the permissions that packages/messaging declares:  node scripts/write-nats-conf.mjs
// With --check it writes nothing and fails where the file is not what it should be.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { loadNatsPermissions } from './lib/nats.mjs';
import { root } from './lib/paths.mjs';

const list = (subjects) =>
  `[\n${subjects.map((subject) => `          ${JSON.stringify(subject)}`).join('\n')}\n        ]`;
const permissions = await loadNatsPermissions();
const users = Object.entries(permissions).map(([user, { publish, subscribe }]) =>
  [
    '    {',
    `      user: ${user}`,
    `      password: $${user.toUpperCase()}_NATS_PASSWORD`,
    '      permissions: {',
    `        publish: { allow: ${list(publish)} }`,
    `        subscribe: { allow: ${list(subscribe)} }`,
    '      }',
    '    }',
  ].join('\n'),
);
const text = `# Made by scripts/write-nats-conf.mjs from packages/messaging/src/permissions.ts: change it there.
# Passwords come from the environment; they must begin with a letter.
server_name: postrider
port: 4222
http_port: 8222
max_payload: 8MB
jetstream {
  store_dir: /data
  # What a publisher's ack promises survives a power cut, for the price of a sync per message. Needs nats-server 2.10.
  sync_interval: always
}
authorization {
  users: [
${users.join('\n')}
  ]
}
`;

const file = join(root, 'deploy', 'nats.conf');
if (process.argv.includes('--check')) {
  if (readFileSync(file, 'utf8') !== text) {
    console.error(
      'deploy/nats.conf is not what packages/messaging declares: run node scripts/write-nats-conf.mjs',
    );
    process.exit(1);
  }
} else {
  writeFileSync(file, text);
}
