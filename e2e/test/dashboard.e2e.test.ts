// The dashboard in a real browser on the real system: what a new customer, a developer and an operator do with it.
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { scopes } from '@postrider/contracts';
import { startReceiver, startSystem, type Receiver, type TestSystem } from '@postrider/test-kit';
import type { Browser, Page } from 'playwright-core';
import {
  expectAccessible,
  hasBrowser,
  openTab,
  screenshot,
  signIn,
  startBrowser,
  type Tab,
} from './support/browser.js';
import { Customer, hasStatus } from './support/client.js';
import { verifies } from './support/verify.js';

// A browser beside four services on a slow machine.
jest.setTimeout(180_000);

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('the dashboard', () => {
  let system: TestSystem;
  let receiver: Receiver;
  let browser: Browser;
  beforeAll(async () => {
    [system, receiver, browser] = await Promise.all([startSystem(), startReceiver(), startBrowser()]);
  });
  afterAll(async () => {
    await browser?.close();
    await receiver?.stop();
    await system?.stop();
  });
  beforeEach(() => {
    receiver.clear();
    receiver.respond({ status: 200, body: 'thanks' });
  });

  async function newCustomer(name: string): Promise<{ customer: Customer; key: string }> {
    const customer = await Customer.signUp(system, name);
    const { Key } = await customer.call<{ Key: string }>(
      'POST',
      '/api-keys',
      { Name: 'dashboard', Scopes: [...scopes] },
      201,
    );
    return { customer, key: Key };
  }

  async function signedIn(name: string): Promise<Tab & { customer: Customer }> {
    const { customer, key } = await newCustomer(name);
    const tab = await openTab(browser, system.apiUrl);
    await signIn(tab.page, key);
    return { ...tab, customer };
  }

  const choose = async (page: Page, webhook: string, action: string): Promise<void> => {
    await page.getByRole('button', { name: `Actions for ${webhook}` }).click();
    await page.getByRole('menuitem', { name: action }).click();
  };

  test('a new customer: sign in, add a webhook, save its secret, ping it, and get a verified delivery', async () => {
    const { page, troubles, customer } = await signedIn('New customer');
    await page.getByText('Hear of what happens, as it happens').waitFor();
    await expectAccessible(page, 'the empty list');
    await page.getByRole('button', { name: 'Add webhook' }).click();
    const form = page.getByRole('dialog', { name: 'Add webhook' });
    await form.getByLabel('Nickname').fill('Order service');
    await form.getByLabel('Endpoint URL').fill('nonsense');
    await form.getByText('This is not a URL yet').waitFor();
    await form.getByLabel('Endpoint URL').fill(`${receiver.url}/orders`);
    await form.getByRole('checkbox', { name: 'job.execution.*' }).check();
    await expectAccessible(page, 'the form');
    await screenshot(page, 'add-webhook');
    await form.getByRole('button', { name: 'Add webhook' }).click();

    const dialog = page.getByRole('dialog', { name: 'Order service is set up' });
    const secret = await dialog.getByLabel('Signing secret', { exact: true }).inputValue();
    expect(secret).toMatch(/^whsec_/);
    expect(await dialog.innerText()).not.toContain(secret);
    expect(await dialog.getByRole('button', { name: 'Done' }).isDisabled()).toBe(true);
    await expectAccessible(page, 'the secret');
    await dialog.getByRole('checkbox', { name: 'I have saved it' }).check();
    await dialog.getByRole('button', { name: 'Done' }).click();

    await choose(page, 'Order service', 'Ping webhook');
    await page.getByRole('button', { name: 'Yes, ping this webhook' }).click();
    await page.getByText('status 200').waitFor();
    await page.getByLabel('Body of the answer').getByText('thanks').waitFor();
    const [ping] = await receiver.waitForRequests(1);
    expect(ping !== undefined && verifies(ping, secret)).toBe(true);
    await page.getByRole('button', { name: 'Close', exact: true }).last().click();

    await customer.publish({ Id: 'evt_first', Topic: 'job.execution.failed', Data: { JobId: 'nightly' } });
    await customer.settled('evt_first', hasStatus('Succeeded'));
    await page.getByRole('link', { name: 'Deliveries' }).first().click();
    await page.getByRole('option', { name: /evt_first/ }).waitFor();
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('a failing receiver: seen live, understood, mended, and the delivery sent again', async () => {
    const { page, troubles, customer } = await signedIn('Developer');
    receiver.respond({ status: 500, body: '{"error":"out of stock"}' });
    await customer.addWebhook(`${receiver.url}/orders`, { Alias: 'Orders', RetrySchedule: [600] });
    await page.goto(`/o/${customer.organizationId}/deliveries`);
    await page.getByText('Live', { exact: true }).waitFor();
    // The list has been read: what comes from now on is new.
    await page.getByText('No deliveries here').waitFor();
    await customer.publish({
      Id: 'evt_order',
      Topic: 'job.execution.failed',
      PreviousData: { State: 'Started' },
      Data: { State: 'Failed' },
    });
    await page.getByRole('button', { name: /new$/ }).click();
    const row = page.getByRole('option', { name: /evt_order/ });
    await row.getByText('Retrying').waitFor();
    // By keyboard, as by mouse.
    await page.getByRole('listbox').focus();
    await page.keyboard.press('Enter');
    const inspector = page.getByRole('dialog', { name: 'Delivery' });
    await inspector.getByText('The receiver answered 500.').waitFor();
    await inspector.getByText('out of stock').waitFor();
    await inspector.getByText(/Next attempt/).waitFor();
    await inspector.getByRole('tab', { name: 'Changes of Data' }).click();
    await inspector.locator('ins', { hasText: 'Failed' }).waitFor();
    await expectAccessible(page, 'the inspector');
    await screenshot(page, 'inspector');

    receiver.respond({ status: 200, body: 'ok now' });
    await inspector.getByRole('button', { name: 'Resend' }).click();
    await inspector.getByText('Resend: received').waitFor();
    await inspector.getByText('Succeeded').waitFor();
    await inspector.getByText('ok now').waitFor();
    await page.keyboard.press('Escape');
    await row.getByText('Succeeded').waitFor();
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('pause holds, resume delivers what is held; a rotated secret signs at once', async () => {
    const { page, troubles, customer } = await signedIn('Operator');
    const { Id } = await customer.addWebhook(`${receiver.url}/orders`, { Alias: 'Orders' });
    await page.reload();
    await choose(page, 'Orders', 'Pause');
    await page.getByRole('button', { name: 'Pause', exact: true }).click();
    await page.getByText('Paused', { exact: true }).waitFor();
    await customer.publish({ Id: 'evt_held', Topic: 'job.execution.failed', Data: {} });
    await customer.settled('evt_held', hasStatus('Held'));
    expect(receiver.requests).toHaveLength(0);

    await choose(page, 'Orders', 'Resume');
    await page.getByLabel('Deliver 1 held').check();
    await page.getByRole('button', { name: 'Resume', exact: true }).click();
    await receiver.waitForRequests(1);
    await page.getByText('Enabled', { exact: true }).waitFor();

    await choose(page, 'Orders', 'Rotate secret');
    await page.getByRole('radio', { name: /It has leaked/ }).check();
    await page.getByRole('button', { name: 'Rotate', exact: true }).click();
    const dialog = page.getByRole('dialog', { name: 'The new signing secret' });
    const secret = await dialog.getByLabel('Signing secret', { exact: true }).inputValue();
    await dialog.getByRole('checkbox', { name: 'I have saved it' }).check();
    await dialog.getByRole('button', { name: 'Done' }).click();
    receiver.clear();
    await customer.call('POST', `/webhooks/${Id}/ping`, {}, 200);
    const [request] = await receiver.waitForRequests(1);
    expect(request !== undefined && verifies(request, secret)).toBe(true);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('a replay counts first, then sends everything again and says how it went', async () => {
    const { page, troubles, customer } = await signedIn('Replayer');
    await customer.addWebhook(`${receiver.url}/orders`, { Alias: 'Orders' });
    for (const n of [1, 2, 3]) {
      await customer.publish({ Id: `evt_again_${n}`, Topic: 'job.execution.failed', Data: {} });
      await customer.settled(`evt_again_${n}`, hasStatus('Succeeded'));
    }
    await page.goto(`/o/${customer.organizationId}/deliveries?Status=Succeeded`);
    await page.getByRole('button', { name: 'Replay …' }).click();
    const dialog = page.getByRole('dialog', { name: 'Replay deliveries' });
    await dialog.getByText('3 deliveries', { exact: true }).waitFor();
    await expectAccessible(page, 'the replay');
    await dialog.getByRole('button', { name: 'Replay', exact: true }).click();
    await dialog.getByText('Done: 3 of 3, 3 received, 0 failed').waitFor();
    expect(receiver.requests).toHaveLength(6);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('what publishers and receivers write is shown as text and does nothing', async () => {
    const { page, troubles, customer } = await signedIn('Careful');
    const hostile = '<img src=x onerror="window.owned=1"><script>window.owned=1</script>';
    receiver.respond({ status: 200, body: hostile, headers: { 'x-hostile': hostile } });
    await customer.addWebhook(`${receiver.url}/orders`, { Alias: hostile.slice(0, 90) });
    await customer.publish({ Id: 'evt_hostile', Topic: 'job.execution.failed', Data: { Text: hostile } });
    const { Id } = await customer.settled('evt_hostile', hasStatus('Succeeded'));
    await page.reload();
    await page.getByText('<img src=x').first().waitFor();
    await page.goto(`/o/${customer.organizationId}/deliveries?delivery=${Id}`);
    const inspector = page.getByRole('dialog', { name: 'Delivery' });
    await inspector.getByLabel('Body', { exact: true }).getByText(hostile).waitFor();
    await inspector.getByText(`x-hostile: ${hostile}`).waitFor();
    expect(await page.evaluate('window.owned')).toBeUndefined();
    expect(await page.locator('main img, [role=dialog] img').count()).toBe(0);
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('every page is accessible in both themes, and fits 390 px', async () => {
    const { customer } = await newCustomer('Acme');
    await customer.addWebhook(`${receiver.url}/orders`, { Alias: 'Order service' });
    receiver.respond((_, index) => ({ status: index % 4 === 3 ? 503 : 200, body: 'thanks' }));
    await customer.addWebhook(`${receiver.url}/audit`, { Alias: 'Audit trail', RetrySchedule: [600] });
    for (let n = 0; n < 12; n += 1) {
      await customer.publish({ Id: `evt_${n}`, Topic: 'job.execution.failed', Data: { JobId: `job-${n}` } });
    }
    await customer.publishOverNats('job.execution.failed', '{"Id":"bad","Data":{');
    await receiver.waitForRequests(24);
    await system.waitFor('all to be recorded', async () =>
      (await customer.deliveries()).every(({ AttemptsCount }) => AttemptsCount > 0),
    );
    const base = `/o/${customer.organizationId}`;
    const pages: readonly (readonly [string, string])[] = [
      [`${base}/webhooks`, 'Webhooks'],
      [`${base}/deliveries`, 'Deliveries'],
      [`${base}/charts`, 'Charts'],
      [`${base}/events`, 'Events'],
      [`${base}/topics`, 'Topics'],
      [`${base}/keys`, 'API keys'],
      ['/admin/organizations', 'Organizations'],
      ['/admin/system', 'System'],
    ];
    for (const colorScheme of ['light', 'dark'] as const) {
      const { page, troubles } = await openTab(browser, system.apiUrl, { colorScheme });
      await page.goto('/');
      await page.getByLabel('API key').waitFor();
      await expectAccessible(page, `sign in, ${colorScheme}`);
      await signIn(page, system.adminApiKey);
      for (const [path, title] of pages) {
        await page.goto(path);
        await page.getByRole('heading', { name: title, level: 1 }).waitFor();
        await page.getByRole('status', { name: 'Loading' }).first().waitFor({ state: 'detached' });
        await expectAccessible(page, `${title}, ${colorScheme}`);
        const isShown = ['Webhooks', 'Deliveries', 'Charts'].includes(title);
        if (isShown) await screenshot(page, `${title.toLowerCase()}${colorScheme === 'dark' ? '-dark' : ''}`);
      }
      expect(troubles).toEqual([]);
      if (colorScheme === 'light') await expectNarrow(page, pages);
      await page.context().close();
    }
  });

  async function expectNarrow(page: Page, pages: readonly (readonly [string, string])[]): Promise<void> {
    await page.setViewportSize({ width: 390, height: 800 });
    for (const [path, title] of pages) {
      await page.goto(path);
      await page.getByRole('heading', { name: title, level: 1 }).waitFor();
      const overflow = await page.evaluate<number>(
        'document.documentElement.scrollWidth - document.documentElement.clientWidth',
      );
      expect({ title, overflow }).toEqual({ title, overflow: 0 });
    }
  }
});
