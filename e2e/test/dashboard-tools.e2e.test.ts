// The dashboard's further tools in a real browser: types of webhooks, filters, examples, why an event was not sent, the
// audit log, finding things, links for end customers, and frames of other sites.
import { afterAll, beforeAll, beforeEach, describe, expect, jest, test } from '@jest/globals';
import { startMailServer, startReceiver, type MailServer, type Receiver } from '@postrider/test-kit';
import { expectAccessible, hasBrowser, openTab, screenshot, signIn } from './support/browser.js';
import { hasStatus } from './support/client.js';
import { choose, startDashboard, type Dashboard } from './support/dashboard.js';

jest.setTimeout(180_000);

const inBrowser = hasBrowser ? describe : describe.skip;

inBrowser('the tools of the dashboard', () => {
  let dashboard: Dashboard;
  let receiver: Receiver;
  let mail: MailServer;
  /** An app that may show the dashboard in a frame, and one that may not. */
  let app: Receiver;
  let stranger: Receiver;
  beforeAll(async () => {
    [mail, app, stranger] = await Promise.all([startMailServer(), startReceiver(), startReceiver()]);
    dashboard = await startDashboard({
      env: {
        PORTAL_PARENTS: app.url,
        SMTP_URL: mail.url,
        MAIL_FROM: 'Postrider <postrider@example.com>',
        MAIL_LINK_KEY: 'a key for the links in mails of this test',
      },
    });
    receiver = dashboard.receiver;
  });
  afterAll(async () => {
    await dashboard?.stop();
    await Promise.all([mail, app, stranger].map((server) => server?.stop()));
  });
  beforeEach(() => {
    receiver.clear();
    receiver.respond({ status: 200, body: 'thanks' });
  });

  test('a filter is tried on what has happened, and an event tells why it was not sent', async () => {
    const { page, troubles, customer } = await dashboard.signedIn('Filters');
    for (const code of [0, 1, 1]) {
      await customer.publish({ Topic: 'job.execution.failed', Data: { JobId: 'nightly', ExitCode: code } });
    }
    await page.getByRole('button', { name: 'Add webhook' }).click();
    const form = page.getByRole('dialog', { name: 'Add webhook' });
    await form.getByLabel('Nickname').fill('Only failures');
    await form.getByLabel('Endpoint URL').fill(`${receiver.url}/failures`);
    await form.getByRole('checkbox', { name: 'job.execution.failed' }).check();
    await form.getByText('Lets through 3 of the last 3 events.').waitFor();
    await form.getByRole('button', { name: 'Add a rule' }).click();
    await form.getByPlaceholder('Data.Customer.Id').fill('Data.ExitCode');
    await form.getByRole('textbox', { name: 'Value of rule 1' }).fill('1');
    await form.getByText('Lets through 2 of the last 3 events.').waitFor();
    await expectAccessible(page, 'the filter');
    await form.getByPlaceholder('Data.Customer.Id').press('Escape');
    await form.getByRole('button', { name: 'Add webhook' }).click();
    await page.getByRole('checkbox', { name: 'I have saved it' }).check();
    await page.getByRole('button', { name: 'Done' }).click();

    await customer.publish({ Id: 'evt_fine', Topic: 'job.execution.failed', Data: { ExitCode: 0 } });
    await page.goto(`/o/${customer.organizationId}/events?Topic=job.execution.failed`);
    await page
      .getByRole('row', { name: /evt_fine/ })
      .getByRole('button', { name: 'none: why?' })
      .click();
    const event = page.getByRole('dialog', { name: 'Event' });
    await event.getByText('A rule of its filter does not hold: Data.ExitCode is "1"').waitFor();
    await expectAccessible(page, 'why it was not sent');
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('every type can be set up; mail waits for its reader; an example arrives', async () => {
    const { page, troubles, customer } = await dashboard.signedIn('Types');
    await page.getByRole('button', { name: 'Add webhook' }).click();
    const form = page.getByRole('dialog', { name: 'Add webhook' });
    for (const type of ['Slack', 'Microsoft Teams', 'Email']) {
      await form.getByRole('radio', { name: type, exact: true }).click();
      expect(await form.getByLabel('Authorization header').count()).toBe(0);
    }
    // Nothing is sent as long as something is missing; the first of it gets the focus.
    await form.getByRole('button', { name: 'Add webhook' }).click();
    await form.getByText('An address such as ops@example.com').waitFor();
    await form.getByRole('textbox', { name: 'Email address' }).and(page.locator(':focus')).waitFor();
    await form.getByRole('textbox', { name: 'Email address' }).fill('Ops <ops@example.com>');
    await form.getByRole('checkbox', { name: 'job.execution.failed' }).check();
    await expectAccessible(page, 'the form for mail');
    await form.getByRole('button', { name: 'Add webhook' }).click();
    await page.getByText('Waiting for the reader to agree.').waitFor();
    await expectAccessible(page, 'an unconfirmed webhook');
    const [asked] = await mail.waitForMails(1);
    expect(asked?.to).toEqual(['ops@example.com']);

    await customer.addWebhook(`${receiver.url}/orders`, { Alias: 'Orders' });
    await page.goto('/');
    await page.getByText('Unconfirmed').waitFor();
    await choose(page, 'Orders', 'Send example');
    const dialog = page.getByRole('dialog', { name: 'Send an example' });
    await dialog.getByRole('button', { name: 'Send the example' }).click();
    await dialog.getByText('status 200').waitFor();
    const [example] = await receiver.waitForRequests(1);
    expect(example?.json<{ Topic: string }>().Topic).toBe('job.execution.failed');

    await page.goto(`/o/${customer.organizationId}/audit-log`);
    await page.getByRole('row', { name: /Webhook created Orders/ }).waitFor();
    await screenshot(page, 'audit-log');
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('pages, webhooks and deliveries are found by keyboard and by id', async () => {
    const { page, troubles, customer } = await dashboard.signedIn('Finder');
    await customer.addWebhook(`${receiver.url}/orders`, { Alias: 'Orders' });
    await customer.publish({ Id: 'evt_found', Topic: 'job.execution.failed', Data: {} });
    const { Id } = await customer.settled('evt_found', hasStatus('Succeeded'));
    await page.reload();
    await page.getByRole('link', { name: 'Orders' }).waitFor();
    await page.keyboard.press('Shift+?');
    await page.getByRole('dialog', { name: 'Keyboard shortcuts' }).getByText('In the delivery log').waitFor();
    await expectAccessible(page, 'the shortcuts');
    await page.keyboard.press('Escape');
    await page.getByRole('dialog').waitFor({ state: 'detached' });
    // What was opened by a menu gives the focus back to what opened the menu.
    await choose(page, 'Orders', 'Edit');
    await page.getByRole('dialog', { name: 'Edit webhook' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Actions for Orders' }).and(page.locator(':focus')).waitFor();
    await page.keyboard.press('Control+k');
    const search = page.getByRole('textbox', { name: 'Go to' });
    await search.fill('orde');
    await expectAccessible(page, 'the palette');
    await search.press('ArrowDown');
    await search.press('Enter');
    await page.getByRole('heading', { name: 'Orders', level: 1 }).waitFor();
    await page.keyboard.press('Shift+d');
    await page.getByRole('heading', { name: 'Deliveries', level: 1 }).waitFor();

    const ids = page.getByRole('searchbox', { name: 'Id' });
    await ids.fill(Id);
    await ids.press('Enter');
    const inspector = page.getByRole('dialog', { name: 'Delivery' });
    await inspector.getByText('evt_found').waitFor();
    await page.keyboard.press('Escape');
    const log = page.getByRole('listbox', { name: 'Deliveries, newest first' });
    await log.focus();
    await log.press('Enter');
    await inspector.getByText('evt_found').waitFor();
    await page.keyboard.press('Escape');
    await log.and(page.locator(':focus')).waitFor();
    await ids.fill('evt_unknown');
    await ids.press('Enter');
    await page.getByText('Nothing fits these filters').waitFor();
    await page.getByRole('button', { name: 'Clear filters' }).click();
    await page.getByRole('option', { name: /evt_found/ }).waitFor();
    expect(troubles).toEqual([]);
    await page.context().close();
  });

  test('a portal link opens one organization, once, with no more than its scopes', async () => {
    const { customer } = await dashboard.newCustomer('End customer');
    const link = await customer.call<{ Url: string }>(
      'POST',
      '/portal-links',
      { Scopes: ['webhooks:read', 'deliveries:read'] },
      201,
    );
    const first = await openTab(dashboard.browser, dashboard.system.apiUrl);
    await first.page.goto(link.Url);
    await first.page.getByRole('button', { name: 'Continue' }).click();
    await first.page.getByText('ask for the scope webhooks:write').waitFor();
    expect(await first.page.getByRole('button', { name: 'Add webhook' }).count()).toBe(0);
    const pages = first.page.getByRole('navigation', { name: 'Pages' }).first();
    expect(await pages.getByRole('link').allInnerTexts()).toEqual([
      'Webhooks',
      'Deliveries',
      'Charts',
      'Events',
      'Topics',
    ]);
    expect(first.page.url()).not.toContain('#');
    expect(first.troubles).toEqual([]);
    const second = await openTab(dashboard.browser, dashboard.system.apiUrl);
    await second.page.goto(link.Url);
    await second.page.getByRole('button', { name: 'Continue' }).click();
    await second.page.getByRole('alert').waitFor();
    await Promise.all([first, second].map(({ page }) => page.context().close()));
  });

  test('only a named app may show it in a frame', async () => {
    const { key } = await dashboard.newCustomer('Framed');
    const { apiUrl } = dashboard.system;
    const { page } = await openTab(dashboard.browser, apiUrl);
    await signIn(page, key);
    for (const parent of [app, stranger]) {
      parent.respond({
        headers: { 'content-type': 'text/html' },
        body: `<title>App</title><iframe src="${apiUrl}/" width="1000" height="600"></iframe>`,
      });
    }
    await page.goto(app.url);
    await page.frameLocator('iframe').getByRole('heading', { name: 'Webhooks', level: 1 }).waitFor();
    const refused = page.waitForEvent('console', (message) => message.text().includes('frame-ancestors'));
    await page.goto(stranger.url);
    await refused;
    expect(await page.frameLocator('iframe').getByRole('heading', { name: 'Webhooks' }).count()).toBe(0);
    await page.context().close();
  });
});
