// The dashboard in a real browser on the real system: what a new customer, a developer and an operator do with it.
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import type { Receiver } from '@postrider/test-kit';
import { expectAccessible, hasBrowser, screenshot } from './support/browser.js';
import { hasStatus } from './support/client.js';
import { choose, startDashboard, type Dashboard } from './support/dashboard.js';
import { verifies } from './support/verify.js';

// A browser beside four services on a slow machine.
jest.setTimeout(180_000);

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('the dashboard', () => {
  let dashboard: Dashboard;
  let receiver: Receiver;
  const signedIn: Dashboard['signedIn'] = (name) => dashboard.signedIn(name);
  beforeAll(async () => {
    dashboard = await startDashboard();
    receiver = dashboard.receiver;
  });
  afterAll(() => dashboard?.stop());
  beforeEach(() => {
    receiver.clear();
    receiver.respond({ status: 200, body: 'thanks' });
  });

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
    const all = form.getByRole('checkbox', { name: 'job.execution.*' });
    await all.check();
    expect(await form.getByRole('checkbox', { name: 'job.execution.failed' }).isDisabled()).toBe(true);
    // It can be taken back, too.
    await all.uncheck();
    await all.check();
    await expectAccessible(page, 'the form');
    await form.getByRole('radio').first().scrollIntoViewIfNeeded();
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
    await screenshot(page, 'inspector');
    await inspector.getByRole('tab', { name: 'Changes of Data' }).click();
    await inspector.locator('ins', { hasText: 'Failed' }).waitFor();
    await expectAccessible(page, 'the inspector');

    receiver.respond({ status: 200, body: 'ok now' });
    await inspector.getByRole('button', { name: 'Resend' }).click();
    await inspector.getByText('Resend: received').waitFor();
    await inspector.getByText('Succeeded').waitFor();
    await inspector.getByText('ok now').waitFor();
    // What differs from the attempt before.
    await inspector.getByRole('tab', { name: 'Changes', exact: true }).click();
    await inspector.locator('del', { hasText: 'out of stock' }).waitFor();
    await inspector.locator('ins', { hasText: 'ok now' }).waitFor();
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
});
