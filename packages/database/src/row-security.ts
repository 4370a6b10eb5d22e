// Row-level security, the second wall between organizations. Every table with rows of organizations gets it in the
// migration that makes the table; test/row-security.test.ts finds those that were forgotten.
import { roleName, serviceRoles } from './roles.js';

/**
 * config-api, which answers organizations, sees the rows of the one that it has named (`postrider.organization`), `*` for
 * all, and nothing where it has named none. The other services work for all organizations at once: their grants bound
 * them, and `true` costs their statements nothing (docs/adr/0012).
 */
export function rowSecuritySql(rolePrefix: string, table: string, column = 'organization_id'): string {
  const others = serviceRoles
    .filter((service) => service !== 'config_api')
    .map((service) => roleName(rolePrefix, service));
  // In scalar subqueries, so that the setting is read once per statement rather than once per row.
  const setting = "current_setting('postrider.organization', true)";
  return `
ALTER TABLE ${table} ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_organization ON ${table} TO ${roleName(rolePrefix, 'config_api')}
  USING ((SELECT ${setting}) = '*'
    OR ${column} = (SELECT nullif(nullif(${setting}, ''), '*')::uuid));
CREATE POLICY all_organizations ON ${table} TO ${others.join(', ')} USING (true);
`;
}
