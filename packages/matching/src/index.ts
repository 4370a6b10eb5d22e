export {
  compileDataSchema,
  InvalidDataSchemaError,
  type DataProblem,
  type DataValidator,
} from './data-schema.js';
export { filterableEvent, type FilterableEvent } from './field.policy.js';
export {
  compileFilter,
  evaluate,
  InvalidFilterError,
  maxFilterRules,
  validateFilter,
  type CompiledFilter,
  type FilterProblem,
  type FilterVerdict,
} from './filter.policy.js';
export { ExactNumber, parseJsonValue } from './json-value.policy.js';
export {
  compileTopics,
  matchesTopic,
  validateTopicPattern,
  type TopicIndex,
  type TopicPatternJudgement,
} from './topic.policy.js';
