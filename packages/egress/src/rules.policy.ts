import type { EgressRules } from './address.policy.js';
import { parseCidr, type Cidr } from './ip.policy.js';

/** The texts of the environment variables of the same names. */
export interface EgressVariables {
  readonly EGRESS_ALLOW?: string | undefined;
  readonly EGRESS_DENY?: string | undefined;
  readonly EGRESS_PORTS?: string | undefined;
  readonly ALLOW_HTTP_ENDPOINTS?: string | undefined;
}

export interface EgressVariableProblem {
  readonly variable: keyof EgressVariables;
  readonly detail: string;
}

/** Carries every problem at once, so that a start tells all of them in one message. */
export class EgressRulesError extends Error {
  readonly problems: readonly EgressVariableProblem[];

  constructor(problems: readonly EgressVariableProblem[]) {
    super(problems.map(({ variable, detail }) => `${variable}: ${detail}`).join('\n'));
    this.name = 'EgressRulesError';
    this.problems = problems;
  }
}

/**
 * Lists are separated by commas or spaces; an empty variable is an unset one. 443 is always among the ports; 80
 * comes along with ALLOW_HTTP_ENDPOINTS unless EGRESS_PORTS says which ports there are.
 * Throws EgressRulesError.
 */
export function parseEgressRules(variables: EgressVariables): EgressRules {
  const problems: EgressVariableProblem[] = [];
  const report = (variable: keyof EgressVariables) => (detail: string) => problems.push({ variable, detail });

  const allowHttp = parseSwitch(variables.ALLOW_HTTP_ENDPOINTS, report('ALLOW_HTTP_ENDPOINTS'));
  const rules: EgressRules = {
    allow: parseRanges(variables.EGRESS_ALLOW, report('EGRESS_ALLOW')),
    deny: parseRanges(variables.EGRESS_DENY, report('EGRESS_DENY')),
    ports: parsePorts(variables.EGRESS_PORTS, allowHttp, report('EGRESS_PORTS')),
    allowHttp,
  };
  if (problems.length > 0) throw new EgressRulesError(problems);
  return rules;
}

type Report = (detail: string) => void;

function listed(text: string | undefined): string[] {
  return (text ?? '').split(/[\s,]+/).filter((item) => item !== '');
}

function parseRanges(text: string | undefined, report: Report): Cidr[] {
  const ranges: Cidr[] = [];
  for (const item of listed(text)) {
    const range = parseCidr(item);
    if ('error' in range) report(range.error);
    else ranges.push(range);
  }
  return ranges;
}

function parsePorts(text: string | undefined, allowHttp: boolean, report: Report): 'any' | Set<number> {
  const items = listed(text);
  if (items.includes('*')) {
    if (items.length > 1) report('"*" means every port and stands alone');
    return 'any';
  }
  const ports = new Set(items.length === 0 && allowHttp ? [443, 80] : [443]);
  for (const item of items) {
    const port = Number(item);
    if (/^[1-9]\d{0,4}$/.test(item) && port <= 65_535) ports.add(port);
    else report(`"${item}" is no port; write numbers from 1 to 65535 separated by commas, or "*"`);
  }
  return ports;
}

function parseSwitch(text: string | undefined, report: Report): boolean {
  const value = (text ?? '').trim().toLowerCase();
  if (value === 'true' || value === '1') return true;
  if (value !== '' && value !== 'false' && value !== '0') report(`"${value}" is neither true nor false`);
  return false;
}
