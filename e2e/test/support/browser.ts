// A real Chromium for the tests of the dashboard. TEST_CHROMIUM (set by `npm test`) or CHROMIUM_PATH names the program;
// without one the tests are skipped.
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { expect } from '@jest/globals';
import { chromium, type Browser, type Page } from 'playwright-core';

const candidates = [
  process.env['CHROMIUM_PATH'],
  process.env['TEST_CHROMIUM'],
  '/usr/bin/chromium',
  '/usr/bin/google-chrome',
];
const program = candidates.find((file) => file !== undefined && file !== '' && existsSync(file));

export const hasBrowser = program !== undefined;

const images = fileURLToPath(new URL('../../../docs/images/', import.meta.url));
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** How long anything may take on a slow machine. */
const patienceMs = 20_000;

export async function startBrowser(): Promise<Browser> {
  return chromium.launch({
    executablePath: program ?? '',
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
    ],
    timeout: 60_000,
  });
}

export interface Tab {
  readonly page: Page;
  /** What went wrong in the page, and what it asked of foreign hosts: there must be nothing. */
  readonly troubles: string[];
}

export interface TabOptions {
  readonly colorScheme?: 'light' | 'dark';
}

export async function openTab(
  browser: Browser,
  url: string,
  { colorScheme = 'light' }: TabOptions = {},
): Promise<Tab> {
  const context = await browser.newContext({
    baseURL: url,
    viewport: { width: 1280, height: 800 },
    colorScheme,
    reducedMotion: 'reduce',
    locale: 'en-GB',
  });
  const page = await context.newPage();
  page.setDefaultTimeout(patienceMs);
  const troubles: string[] = [];
  page.on('pageerror', (error) => troubles.push(`error: ${error.message}`));
  page.on('console', (message) => {
    if (/Content Security Policy/i.test(message.text())) troubles.push(`policy: ${message.text()}`);
  });
  page.on('request', (request) => {
    if (!request.url().startsWith(url) && !request.url().startsWith('data:')) {
      troubles.push(`foreign: ${request.url()}`);
    }
  });
  return { page, troubles };
}

export async function signIn(page: Page, key: string): Promise<void> {
  await page.goto('/');
  await page.getByLabel('API key').fill(key);
  await page.getByRole('button', { name: 'Sign in', exact: true }).click();
  await page.getByRole('navigation', { name: 'Pages' }).first().waitFor({ state: 'attached' });
}

interface AxeResult {
  readonly violations: {
    readonly id: string;
    readonly impact: string | null;
    readonly nodes: { readonly html: string; readonly failureSummary: string }[];
  }[];
}

/** What fades in has other colours meanwhile. It begins in the frame after it was put there; a loader never ends. */
const animationsEnd = `(async () => {
  for (let frame = 0; frame < 2; frame += 1) await new Promise(requestAnimationFrame);
  const ending = document.getAnimations().filter(({ effect }) => effect.getComputedTiming().endTime < Infinity);
  await Promise.allSettled(ending.map(({ finished }) => finished));
})()`;

/** Fails on what axe calls serious or critical (WCAG 2.2 A and AA). */
export async function expectAccessible(page: Page, where: string): Promise<void> {
  // Evaluated by the debugger, not by the page: its policy forbids scripts that are not its own.
  await page.evaluate(axeSource);
  await page.evaluate(animationsEnd);
  const result = await page.evaluate<AxeResult>(
    `axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'] })`,
  );
  const findings = result.violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .map(
      ({ id, nodes }) => `${id}: ${nodes.map((node) => `${node.html} ${node.failureSummary}`).join('\n')}`,
    );
  expect({ where, findings }).toEqual({ where, findings: [] });
}

/** Into docs/images, when POSTRIDER_SCREENSHOTS asks for it: else a test run would change files under version control. */
export async function screenshot(
  page: Page,
  name: string,
  options: { readonly fullPage?: boolean } = {},
): Promise<void> {
  if (process.env['POSTRIDER_SCREENSHOTS'] !== '1') return;
  mkdirSync(images, { recursive: true });
  await page.screenshot({ path: `${images}${name}.png`, animations: 'disabled', ...options });
}
