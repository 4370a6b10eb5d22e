import { createRequire } from 'node:module';

const manifest = createRequire(import.meta.url)('../package.json') as { version: string };

/** Version of this build, as in `User-Agent: Postrider/<version>`. */
export const version = manifest.version;
