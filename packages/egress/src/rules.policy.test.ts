import { expect, test } from '@jest/globals';
import { EgressRulesError, parseEgressRules, type EgressVariables } from './rules.policy.js';

function problemsOf(variables: EgressVariables): string {
  try {
    parseEgressRules(variables);
  } catch (error) {
    if (error instanceof EgressRulesError) return error.message;
    throw error;
  }
  return '';
}

test('nothing set, or set to nothing, is strict', () => {
  const strict = { allow: [], deny: [], ports: new Set([443]), allowHttp: false };
  expect(parseEgressRules({})).toEqual(strict);
  expect(
    parseEgressRules({ EGRESS_ALLOW: '', EGRESS_DENY: ' ', EGRESS_PORTS: '', ALLOW_HTTP_ENDPOINTS: '' }),
  ).toEqual(strict);
});

test.each([
  [{ EGRESS_PORTS: '8443' }, new Set([443, 8443])],
  [{ EGRESS_PORTS: ' 8443, 9000 ,' }, new Set([443, 8443, 9000])],
  [{ EGRESS_PORTS: '*' }, 'any'],
  [{ ALLOW_HTTP_ENDPOINTS: 'true' }, new Set([443, 80])],
  [{ ALLOW_HTTP_ENDPOINTS: 'TRUE', EGRESS_PORTS: '8443' }, new Set([443, 8443])],
  [{ ALLOW_HTTP_ENDPOINTS: '1', EGRESS_PORTS: '80' }, new Set([443, 80])],
  [{ ALLOW_HTTP_ENDPOINTS: 'false' }, new Set([443])],
  [{ ALLOW_HTTP_ENDPOINTS: '0' }, new Set([443])],
])('%j opens these ports', (variables, ports) => {
  expect(parseEgressRules(variables).ports).toEqual(ports);
});

test('ranges are read in both families, a bare address standing for itself', () => {
  const { allow } = parseEgressRules({ EGRESS_ALLOW: '127.0.0.0/8,::1/128 10.0.0.1' });
  expect(allow).toEqual([
    { family: 4, words: [0x7f000000, 0, 0, 0], prefix: 8 },
    { family: 6, words: [0, 0, 0, 1], prefix: 128 },
    { family: 4, words: [0x0a000001, 0, 0, 0], prefix: 32 },
  ]);
});

test.each([
  [{ EGRESS_ALLOW: 'localhost' }, 'EGRESS_ALLOW: "localhost" is no address range; write it like'],
  [{ EGRESS_ALLOW: '127.1/8' }, 'EGRESS_ALLOW: "127.1/8" is no address range'],
  [{ EGRESS_ALLOW: '10.0.0.1/8' }, 'EGRESS_ALLOW: "10.0.0.1/8" has bits set beyond its first 8'],
  [{ EGRESS_DENY: '2001:db8::1/32' }, 'EGRESS_DENY: "2001:db8::1/32" has bits set beyond its first 32'],
  [{ EGRESS_DENY: '10.0.0.0/33' }, 'EGRESS_DENY: "10.0.0.0/33" needs a prefix length from 0 to 32'],
  [{ EGRESS_DENY: '10.0.0.0/' }, 'needs a prefix length from 0 to 32'],
  [{ EGRESS_DENY: '10.0.0.0/08' }, 'needs a prefix length from 0 to 32'],
  [{ EGRESS_DENY: '::/129' }, 'needs a prefix length from 0 to 128'],
  [{ EGRESS_PORTS: '0' }, 'EGRESS_PORTS: "0" is no port'],
  [{ EGRESS_PORTS: '65536' }, 'EGRESS_PORTS: "65536" is no port'],
  [{ EGRESS_PORTS: '443-450' }, 'EGRESS_PORTS: "443-450" is no port'],
  [{ EGRESS_PORTS: '*,443' }, 'EGRESS_PORTS: "*" means every port and stands alone'],
  [{ ALLOW_HTTP_ENDPOINTS: 'yes' }, 'ALLOW_HTTP_ENDPOINTS: "yes" is neither true nor false'],
])('%j is refused by name', (variables, message) => {
  expect(problemsOf(variables)).toContain(message);
});

test('every problem is told at once', () => {
  const message = problemsOf({
    EGRESS_ALLOW: 'a, b',
    EGRESS_DENY: 'c',
    EGRESS_PORTS: 'd',
    ALLOW_HTTP_ENDPOINTS: 'e',
  });
  expect(message.split('\n')).toHaveLength(5);
});
