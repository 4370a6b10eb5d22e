// What the tests of the dashboard stand on: the whole system, a receiver, a browser, and people who sign in.
import { scopes } from '@postrider/contracts';
import {
  startReceiver,
  startSystem,
  type Receiver,
  type SystemOptions,
  type TestSystem,
} from '@postrider/test-kit';
import type { Browser, Page } from 'playwright-core';
import { openTab, signIn, startBrowser, type Tab } from './browser.js';
import { Customer } from './client.js';

export interface Dashboard {
  readonly system: TestSystem;
  readonly receiver: Receiver;
  readonly browser: Browser;
  /** An organization of its own, and a key that may do all in it. */
  newCustomer(name: string): Promise<{ readonly customer: Customer; readonly key: string }>;
  /** In a new tab, on the page of webhooks. */
  signedIn(name: string): Promise<Tab & { readonly customer: Customer }>;
  stop(): Promise<void>;
}

export async function startDashboard(options: SystemOptions = {}): Promise<Dashboard> {
  const [system, receiver, browser] = await Promise.all([
    startSystem(options),
    startReceiver(),
    startBrowser(),
  ]);
  const newCustomer: Dashboard['newCustomer'] = async (name) => {
    const customer = await Customer.signUp(system, name);
    const { Key: key } = await customer.call<{ Key: string }>(
      'POST',
      '/api-keys',
      { Name: 'dashboard', Scopes: [...scopes] },
      201,
    );
    return { customer, key };
  };
  return {
    system,
    receiver,
    browser,
    newCustomer,
    signedIn: async (name) => {
      const { customer, key } = await newCustomer(name);
      const tab = await openTab(browser, system.apiUrl);
      await signIn(tab.page, key);
      return { ...tab, customer };
    },
    stop: async () => {
      await browser.close();
      await receiver.stop();
      await system.stop();
    },
  };
}

/** Chooses an action of a webhook by its menu. */
export async function choose(page: Page, webhook: string, action: string): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${webhook}` }).click();
  await page.getByRole('menuitem', { name: action }).click();
}
