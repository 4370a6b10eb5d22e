import 'reflect-metadata';
import { runService } from '@postrider/runtime';
import { readConfig, type SignerConfig } from './config.js';
import { createSigner } from './signer.js';

const config = readConfigOrExit();
runService('signer', config.LOG_LEVEL, (logger) => createSigner(config, logger));

function readConfigOrExit(): SignerConfig {
  try {
    return readConfig();
  } catch (error) {
    process.stderr.write(`signer: ${error instanceof Error ? error.message : String(error)}\n`);
    process.exit(1);
  }
}
