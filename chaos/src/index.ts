export { Chance } from './random.js';
export type { ChaosOptions, Outcome, Scenario } from './scenario.js';
export { scenarios, type ScenarioName } from './scenarios.js';
