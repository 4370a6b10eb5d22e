import { jestBase } from '../jest.base.mjs';

// Whole systems of four processes: one at a time on a small machine.
export default { ...jestBase, testTimeout: 90_000, maxWorkers: 1 };
