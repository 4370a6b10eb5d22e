// What only this clone knows. Made once, kept in .postrider/secrets.json for as long as the data that needs it.
import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { services, stateDir } from './paths.mjs';
import { UserError } from './say.mjs';
import { writePrivately } from './private-file.mjs';

const file = join(stateDir, 'secrets.json');
const word = () => randomBytes(24).toString('hex');

function fresh() {
  const roles = services.map((service) => service.role);
  return {
    Instance: randomBytes(4).toString('hex'),
    AdminApiKey: `pr_admin_${randomBytes(32).toString('base64url')}`,
    MasterKeys: `local-1:${randomBytes(32).toString('base64')}`,
    MailLinkKey: word(),
    PostgresPassword: word(),
    RolePasswords: Object.fromEntries(roles.map((role) => [role, word()])),
    NatsPasswords: Object.fromEntries([...roles, 'publisher'].map((user) => [user, word()])),
  };
}

/** The kept secrets, made where there are none yet. */
export function loadSecrets() {
  let kept = {};
  try {
    kept = JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    if (error instanceof SyntaxError)
      throw new UserError(
        `${file} is damaged. Put its copy back; without it, start anew by removing ${stateDir}.`,
      );
    if (error.code !== 'ENOENT') throw error;
    const data = join(stateDir, 'postgres');
    if (existsSync(data))
      throw new UserError(
        `${file} is gone, and ${data} cannot be opened without it. Put it back, or start anew by removing ${stateDir}.`,
      );
  }
  const made = fresh();
  const secrets = {
    ...made,
    ...kept,
    RolePasswords: { ...made.RolePasswords, ...kept.RolePasswords },
    NatsPasswords: { ...made.NatsPasswords, ...kept.NatsPasswords },
  };
  if (JSON.stringify(kept) !== JSON.stringify(secrets)) writePrivately(file, secrets);
  return secrets;
}
