#!/usr/bin/env node
// Stands here before the first build, so that `npx postrider` finds it and can say what is missing.
import { existsSync } from 'node:fs';

const program = new URL('../dist/main.js', import.meta.url);
if (existsSync(program)) {
  await import(program.href);
} else {
  console.error('postrider is not built yet. Build it: npx turbo run build --filter=@postrider/cli');
  process.exitCode = 1;
}
