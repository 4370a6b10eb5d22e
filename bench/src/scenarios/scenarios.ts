import type { Scenario } from '../bench.js';
import { configured } from './configured.js';
import { drain } from './drain.js';
import { fanOutHundred } from './fan-out.js';
import { httpDoor } from './http-door.js';
import { loneWebhook } from './lone-webhook.js';
import { millionPending } from './million-pending.js';
import { secondStart } from './second-start.js';
import { steady } from './steady.js';
import { tlsCold } from './tls-cold.js';

/** In the order in which they run: what leaves a million deliveries behind is the last on the shared system. */
export const scenarios = {
  drain,
  'fan-out': fanOutHundred,
  'lone-webhook': loneWebhook,
  steady,
  'http-door': httpDoor,
  'million-pending': millionPending,
  configured,
  'tls-cold': tlsCold,
  'second-start': secondStart,
} satisfies Record<string, Scenario>;

export type ScenarioName = keyof typeof scenarios;

export const scenarioNames = Object.keys(scenarios) as ScenarioName[];
