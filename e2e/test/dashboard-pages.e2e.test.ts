// Every page of the dashboard: accessible in both themes, at home on a phone, harmless whatever stands in it, and quick
// with many deliveries.
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Receiver, TestSystem } from '@postrider/test-kit';
import type { Page } from 'playwright-core';
import { expectAccessible, hasBrowser, openTab, screenshot, signIn } from './support/browser.js';
import { hasStatus, type Customer } from './support/client.js';
import { startDashboard, type Dashboard } from './support/dashboard.js';
import { seedDay } from './support/seed-day.js';
import { seedDeliveries } from './support/seed-deliveries.js';

jest.setTimeout(180_000);

/** 10000 for the figure that docs/dashboard.md tells; each hundred is a call. */
const scrolledRows = Number(process.env['POSTRIDER_SCROLL_ROWS'] ?? 1_500);

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('the pages of the dashboard', () => {
  let dashboard: Dashboard;
  let receiver: Receiver;
  let system: TestSystem;
  beforeAll(async () => {
    dashboard = await startDashboard();
    ({ receiver, system } = dashboard);
  });
  afterAll(() => dashboard?.stop());
  beforeEach(() => {
    receiver.clear();
    receiver.respond({ status: 200, body: 'thanks' });
  });

  test('what publishers and receivers write is shown as text and does nothing', async () => {
    const { page, troubles, customer } = await dashboard.signedIn('Careful');
    const markup = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>';
    // Right-to-left override: what follows would be shown backwards, and what stands around it, too.
    const bidi = 'invoice\u202Efdp.exe\u2066';
    receiver.respond({ status: 200, body: `${markup}${bidi}`, headers: { 'x-hostile': markup } });
    await customer.addWebhook(`${receiver.url}/orders`, { Alias: markup.slice(0, 90) });
    await customer.publish({
      Id: 'evt_hostile',
      Topic: 'job.execution.failed',
      Data: { Text: markup + bidi },
    });
    const { Id } = await customer.settled('evt_hostile', hasStatus('Succeeded'));
    await page.reload();
    await page.getByText('<img src=x').first().waitFor();
    await page.goto(`/o/${customer.organizationId}/deliveries?delivery=${Id}`);
    const inspector = page.getByRole('dialog', { name: 'Delivery' });
    const body = inspector.getByLabel('Body', { exact: true });
    await body.getByText(markup).waitFor();
    await inspector.getByText(`x-hostile: ${markup}`).waitFor();
    // What turns the direction stays within.
    expect(
      await page.evaluate(`getComputedStyle(document.querySelector('[role=dialog] pre.code')).unicodeBidi`),
    ).toBe('isolate');
    const data = inspector.getByLabel('Data of the event', { exact: true });
    await data.getByText('<img src=x onerror=').waitFor();
    expect(await page.evaluate('window.owned')).toBeUndefined();
    expect(await page.locator('main img, [role=dialog] img').count()).toBe(0);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('a large event and an endless line are shown in parts', async () => {
    const { page, troubles, customer } = await dashboard.signedIn('Large');
    receiver.respond({ status: 200, body: 'x'.repeat(1_000_000) });
    await customer.addWebhook(`${receiver.url}/orders`, { Alias: 'Orders' });
    const Data = { Text: `${'a'.repeat(240_000)}the end` };
    await customer.publish({ Id: 'evt_large', Topic: 'job.execution.failed', Data });
    const { Id } = await customer.settled('evt_large', hasStatus('Succeeded'));
    await page.setViewportSize({ width: 390, height: 800 });
    await page.goto(`/o/${customer.organizationId}/deliveries?delivery=${Id}`);
    const inspector = page.getByRole('dialog', { name: 'Delivery' });
    await inspector.getByText('Cut after 16 KiB').waitFor();
    const data = inspector.getByLabel('Data of the event', { exact: true });
    await data.waitFor();
    expect((await data.innerText()).length).toBeLessThan(70_000);
    await inspector.getByRole('button', { name: 'Show all' }).click();
    await data.getByText('the end').waitFor();
    expect(await overflowOf(page)).toBe(0);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test(`${scrolledRows.toLocaleString('en')} deliveries scroll without being drawn all at once`, async () => {
    const { page, troubles, customer } = await dashboard.signedIn('Busy');
    const { Id } = await customer.addWebhook(`${receiver.url}/orders`, { Alias: 'Orders' });
    await seedDeliveries(system.database, customer.organizationId, Id, scrolledRows);
    await page.goto(`/o/${customer.organizationId}/deliveries`);
    await page.getByRole('option').first().waitFor();
    await loadAll(page, scrolledRows);
    const work = await workOf(page);
    const { framesMs, mostRows } = await scrollThrough(page, 150);
    const workMs = Math.round((await work()) / framesMs.length);
    const sorted = [...framesMs].sort((a, b) => a - b);
    const at = (share: number): number => Math.round(sorted[Math.floor(sorted.length * share)] ?? 0);
    console.info(
      `${scrolledRows} deliveries, ${framesMs.length} frames: p50 ${at(0.5)} ms, p95 ${at(0.95)} ms, p99 ${at(0.99)} ms; work ${workMs} ms`,
    );
    expect(mostRows).toBeLessThan(80);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  describe('every page', () => {
    let pages: readonly (readonly [path: string, title: string])[] = [];
    beforeAll(async () => {
      const { customer } = await dashboard.newCustomer('Acme');
      const webhookId = await makeHistory(customer);
      const base = `/o/${customer.organizationId}`;
      pages = [
        [`${base}/webhooks`, 'Webhooks'],
        [`${base}/webhooks/${webhookId}?tab=settings`, 'Audit trail'],
        [`${base}/deliveries`, 'Deliveries'],
        [`${base}/charts`, 'Charts'],
        [`${base}/events`, 'Events'],
        [`${base}/topics`, 'Topics'],
        [`${base}/keys`, 'API keys'],
        [`${base}/audit-log`, 'Audit log'],
        ['/admin/organizations', 'Organizations'],
        ['/admin/system', 'System'],
      ];
    });

    test.each(['light', 'dark'] as const)('is accessible in the %s theme', async (colorScheme) => {
      const { page, troubles } = await openTab(dashboard.browser, system.apiUrl, { colorScheme });
      await page.goto('/');
      await page.getByLabel('API key').waitFor();
      await expectAccessible(page, `sign in, ${colorScheme}`);
      await signIn(page, system.adminApiKey);
      for (const [path, title] of pages) {
        await open(page, path, title);
        if (title === 'System') await page.getByText('All services are ready').waitFor();
        await expectAccessible(page, `${title}, ${colorScheme}`);
        await picture(page, title, colorScheme);
      }
      expect(troubles).toEqual([]);
      await page.context().close();
    });

    test('charts are shown as tables, too: how long events waited for their receipt, over time', async () => {
      const { page, troubles } = await openTab(dashboard.browser, system.apiUrl);
      await signIn(page, system.adminApiKey);
      const [path, title] = pages.find(([, name]) => name === 'Charts') ?? ['', ''];
      await open(page, path, title);
      const chart = page.getByRole('region', { name: 'Event to receipt' });
      await chart.locator('.recharts-line').first().waitFor();
      await chart.getByRole('button', { name: 'Show as a table' }).click();
      // The retries of the hour in which much failed took seconds; all else milliseconds.
      await chart
        .getByRole('row', { name: / ms .* [5-9]\.?\d* s$/ })
        .first()
        .waitFor();
      expect(await chart.getByRole('row', { name: / ms \d+ ms \d+ ms$/ }).count()).toBeGreaterThan(20);
      await expectAccessible(page, 'the table of a chart');
      expect(troubles).toEqual([]);
      await page.context().close();
    });

    test('fits 390 px', async () => {
      const { page, troubles } = await openTab(dashboard.browser, system.apiUrl);
      await signIn(page, system.adminApiKey);
      await page.setViewportSize({ width: 390, height: 800 });
      for (const [path, title] of pages) {
        await open(page, path, title);
        expect({ title, overflow: await overflowOf(page) }).toEqual({ title, overflow: 0 });
      }
      expect(troubles).toEqual([]);
      await page.context().close();
    });
  });

  /** Two webhooks, one of which fails now and then, and what happened to a dozen events; the id of the failing one. */
  async function makeHistory(customer: Customer): Promise<string> {
    const orders = await customer.addWebhook(`${receiver.url}/orders`, { Alias: 'Order service' });
    receiver.respond((_, index) => ({ status: index % 4 === 3 ? 503 : 200, body: 'thanks' }));
    const { Id } = await customer.addWebhook(`${receiver.url}/audit`, {
      Alias: 'Audit trail',
      RetrySchedule: [600],
      Topics: ['job.execution.*'],
    });
    for (let n = 0; n < 12; n += 1) {
      await customer.publish({ Id: `evt_${n}`, Topic: 'job.execution.failed', Data: { JobId: `job-${n}` } });
    }
    await customer.publishOverNats('job.execution.failed', '{"Id":"bad","Data":{');
    await seedDay(system.database, customer.organizationId, [Id, orders.Id]);
    await system.waitFor('all to be tried', async () => {
      const deliveries = await customer.deliveries();
      return deliveries.length === 24 && deliveries.every(({ AttemptsCount }) => AttemptsCount > 0);
    });
    return Id;
  }
});

const overflowOf = (page: Page): Promise<number> =>
  page.evaluate('document.documentElement.scrollWidth - document.documentElement.clientWidth');

/** Opens a page by its address, and waits until it shows what it has. */
async function open(page: Page, path: string, title: string): Promise<void> {
  await page.goto(path);
  await page.getByRole('heading', { name: title, level: 1 }).waitFor();
  await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
}

/** Those that the docs show. */
async function picture(page: Page, title: string, colorScheme: 'light' | 'dark'): Promise<void> {
  const name = title.toLowerCase();
  if (colorScheme === 'dark') {
    if (name === 'webhooks') await screenshot(page, 'webhooks-dark');
  } else if (['webhooks', 'deliveries', 'charts', 'system'].includes(name)) {
    await screenshot(page, name, { fullPage: name === 'charts' });
  }
}

/** Jumps to the end until there is no more to be loaded. */
async function loadAll(page: Page, rows: number): Promise<void> {
  await page.evaluate(`new Promise((resolve) => {
    const list = document.querySelector('[role=listbox]');
    const step = () => {
      const last = list.querySelector('[role=option]:last-child');
      if (last?.getAttribute('aria-posinset') === '${rows}') resolve();
      else {
        list.scrollTop = list.scrollHeight;
        requestAnimationFrame(step);
      }
    };
    step();
  })`);
}

/** What the page's main thread works from now on, in ms of its processor time: other programs on the machine don't count. */
async function workOf(page: Page): Promise<() => Promise<number>> {
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  const readMs = async (): Promise<number> => {
    const { metrics } = await session.send('Performance.getMetrics');
    return (metrics.find(({ name }) => name === 'TaskDuration')?.value ?? 0) * 1_000;
  };
  const before = await readMs();
  return async () => (await readMs()) - before;
}

interface Scrolled {
  readonly framesMs: readonly number[];
  /** How many rows were drawn at most. */
  readonly mostRows: number;
}

/** Scrolls on by ten rows per frame from the top: how long each frame took. */
function scrollThrough(page: Page, frames: number): Promise<Scrolled> {
  return page.evaluate<Scrolled>(`new Promise((resolve) => {
    const list = document.querySelector('[role=listbox]');
    const framesMs = [];
    let mostRows = 0;
    let before;
    list.scrollTop = 0;
    const step = (now) => {
      if (before !== undefined) framesMs.push(now - before);
      before = now;
      mostRows = Math.max(mostRows, list.querySelectorAll('[role=option]').length);
      list.scrollTop += 400;
      if (framesMs.length < ${frames}) requestAnimationFrame(step);
      else resolve({ framesMs, mostRows });
    };
    requestAnimationFrame(step);
  })`);
}
