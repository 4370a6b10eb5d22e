import { decimalKey } from '@postrider/contracts';
import { JsonScanner } from './json-scanner.policy.js';

/**
 * One text for each JSON value: equal for values that differ but in the order of keys, white space, escapes and the
 * way in which a number is written (1.0 and 1, 1e2 and 100); numbers are compared by exact decimal value, never as
 * doubles. Keys that stand twice in one object are all kept, in their order: receivers disagree on which one counts,
 * so two values are the same only if they are to every receiver. The text must be valid JSON; else JsonScanError.
 */
export function canonicalContent(text: string): string {
  const scanner = new JsonScanner(text);
  const canonical = canonicalValue(scanner, 1);
  scanner.finish();
  return canonical;
}

function canonicalValue(scanner: JsonScanner, depth: number): string {
  const first = scanner.peek();
  const start = scanner.position;
  if (first === 0x7b) return canonicalObject(scanner, depth);
  if (first === 0x5b) {
    let elements = '';
    scanner.eachElement(depth, (index) => {
      elements += (index === 0 ? '' : ',') + canonicalValue(scanner, depth + 1);
    });
    return `[${elements}]`;
  }
  scanner.skipValue(depth);
  const token = scanner.text.slice(start, scanner.position);
  if (first === 0x22) return canonicalString(token);
  return first === 0x2d || (first >= 0x30 && first <= 0x39) ? (decimalKey(token) ?? token) : token;
}

function canonicalObject(scanner: JsonScanner, depth: number): string {
  const members: { key: string; value: string }[] = [];
  scanner.eachMember(depth, (keyStart, keyEnd) => {
    const key = canonicalString(scanner.text.slice(keyStart, keyEnd));
    members.push({ key, value: canonicalValue(scanner, depth + 1) });
  });
  members.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)); // stable: duplicates keep their order
  let joined = '';
  for (const { key, value } of members) joined += `${joined === '' ? '' : ','}${key}:${value}`;
  return `{${joined}}`;
}

function canonicalString(token: string): string {
  return token.includes('\\') ? JSON.stringify(JSON.parse(token)) : token;
}
