// Node.js takes a package's files for ES modules where package.json says so, unless a nearer one says otherwise.
import { writeFileSync } from 'node:fs';

writeFileSync(new URL('dist/cjs/package.json', import.meta.url), '{"type":"commonjs"}\n');
