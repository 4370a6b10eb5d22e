export {
  judgeAddress,
  type AddressJudgement,
  type AddressRefusal,
  type EgressRules,
} from './address.policy.js';
export { parseCidr, parseIp, type Cidr, type IpAddress } from './ip.policy.js';
export {
  EgressRulesError,
  parseEgressRules,
  type EgressVariableProblem,
  type EgressVariables,
} from './rules.policy.js';
export { judgeUrl, maxUrlLength, type UrlJudgement, type UrlRefusal } from './url.policy.js';
