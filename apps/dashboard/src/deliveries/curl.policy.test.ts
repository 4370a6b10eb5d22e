import { execFileSync } from 'node:child_process';
import { expect, test } from '@jest/globals';
import { curlOf } from './curl.policy.js';

test('nothing that a publisher or receiver wrote is run by the shell', () => {
  const body = `{"a":"'; touch /tmp/owned; echo '$(id) \`id\` \\\\ \\n ü"}`;
  const command = curlOf({
    Request: {
      Url: "https://example.com/?a='b'",
      Headers: { 'X-Text': "it's $HOME", Host: 'x' },
      Body: body,
    },
  });
  // A function in curl's place prints what it is given.
  const printed = execFileSync('sh', ['-c', `curl() { for a; do printf '%s\\0' "$a"; done; }\n${command}`], {
    encoding: 'utf8',
  });
  expect(printed.split('\0')).toEqual([
    '-i',
    '-X',
    'POST',
    "https://example.com/?a='b'",
    '-H',
    "X-Text: it's $HOME",
    '--data-raw',
    body,
    '',
  ]);
});
