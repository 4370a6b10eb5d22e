import 'reflect-metadata';
import { ConfigurationError, runService } from '@postrider/runtime';
import { readConfig, type ConfigApiConfig } from './config.js';
import { startConfigApi } from './start.js';

const config = readOrExit();
runService('config-api', config.logLevel, (logger) => startConfigApi(config, logger));

function readOrExit(): ConfigApiConfig {
  try {
    return readConfig();
  } catch (error) {
    if (!(error instanceof ConfigurationError)) throw error;
    process.stderr.write(`config-api: ${error.message}\n`);
    process.exit(1);
  }
}
