// A Chromium for the tests of the dashboard. Without one they are skipped: everything else can be tested all the same.
import { join } from 'node:path';
import { logsDir } from './paths.mjs';
import { say } from './say.mjs';
import { findInstalled, installWithApt, works } from './system-package.mjs';

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

function findChromium() {
  const given = process.env.CHROMIUM_PATH;
  const candidates = given ? [given] : names.map((name) => findInstalled(name));
  // On Ubuntu, /usr/bin/chromium-browser may be a script that only tells how to get the program.
  return candidates.find((file) => file !== undefined && works(file, ['--version']));
}

/** The program, installed where apt can; undefined where there is none, which is said. */
export async function ensureChromium() {
  const found = findChromium();
  if (found !== undefined) return found;
  try {
    await installWithApt('chromium', join(logsDir, 'install-chromium.log'));
  } catch {
    // What it said is in the log; the line below says what to do.
  }
  const installed = findChromium();
  if (installed === undefined) {
    say(
      'No Chromium: the browser tests are skipped. Install one (Debian: apt-get install chromium) or set CHROMIUM_PATH.',
    );
  }
  return installed;
}
