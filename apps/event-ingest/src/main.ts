import 'reflect-metadata';
import { runService } from '@postrider/runtime';
import { readConfig, type EventIngestConfig } from './config.js';
import { start } from './start.js';

const config = readConfigOrExit();
runService('event-ingest', config.logLevel, (logger) => start(config, logger));

function readConfigOrExit(): EventIngestConfig {
  try {
    return readConfig();
  } catch (error) {
    process.stderr.write(`event-ingest: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
