// Holds the PostgreSQL of a test run: `node test-postgres-host.mjs <pid of the run> <folder>`. What is in it is for the
// tests only, so nothing waits for the disk, and it is removed at the end.
import { chmodSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { identify } from './process.mjs';
import { freePort } from './ports.mjs';
import { preparePostgres, startPostgres, stopPostgres } from './postgres.mjs';
import { writePrivately } from './private-file.mjs';

const [ownerText, folder] = process.argv.slice(2);
const owner = identify(Number(ownerText));
const settings = {
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  max_connections: 300,
  max_wal_size: '2GB',
};

let server;
async function end() {
  if (server) await stopPostgres(server.pid, { hurry: true, graceMs: 2_000 });
  rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 100 });
  process.exit(0);
}

try {
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(name, () => void end());
  setInterval(() => identify(owner?.pid)?.startedAt !== owner?.startedAt && void end(), 300);
  // The account that PostgreSQL runs under must get in.
  chmodSync(folder, 0o755);
  const logFile = join(folder, 'postgres.log');
  const cluster = preparePostgres({
    home: folder,
    password: 'test',
    database: 'postrider_test',
    logFile,
    settings,
  });
  const port = await freePort();
  server = await startPostgres(cluster, port);
  writePrivately(join(folder, 'ready.json'), { url: cluster.urlOn(port), hostPid: process.pid });
} catch (error) {
  writePrivately(join(folder, 'ready.json'), { problem: error.message });
  setTimeout(() => void end(), 5_000);
}
