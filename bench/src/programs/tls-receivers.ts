// Many receivers with TLS, each with an address and a certificate of its own, in one process: 127.0.1.1, 127.0.1.2, …
import { createServer } from 'node:https';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createCertificateAuthority } from '@postrider/test-kit';
import { orderOf } from '../order.js';
import { answerQuestions, receive } from './receipts.js';

export interface TlsOrder {
  readonly count: number;
}

export interface TlsReceivers {
  /** PEM certificate of the authority to trust. */
  readonly authority: string;
  readonly urls: readonly string[];
}

const { count } = orderOf<TlsOrder>();
const perNet = 250;
const authority = createCertificateAuthority('Postrider bench authority');
const urls: string[] = [];
for (let n = 0; n < count; n += 1) {
  const address = `127.0.${1 + Math.floor(n / perNet)}.${1 + (n % perNet)}`;
  const { certificate, key } = authority.issue({ hosts: [address] });
  const server = createServer({ cert: certificate, key }, receive);
  server.keepAliveTimeout = 60_000;
  server.listen(0, address);
  await once(server, 'listening');
  urls.push(`https://${address}:${(server.address() as AddressInfo).port}`);
}
process.send?.({ authority: authority.certificate, urls } satisfies TlsReceivers);
answerQuestions();
