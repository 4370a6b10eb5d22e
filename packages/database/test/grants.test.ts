// The roles that the migration makes for the tests' own databases.
import { createTestDatabase } from '@postrider/test-kit';
import { tryRoles } from './grants-tests.js';

tryRoles(async () => {
  const database = await createTestDatabase();
  return {
    urlFor: (role) => database.urlFor(role),
    query: (sql) => database.query(sql),
    stop: () => database.drop(),
  };
});
