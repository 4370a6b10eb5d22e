// A real SMTP server that keeps what it is given.
import { SMTPServer } from 'smtp-server';
import type { AddressInfo } from 'node:net';
import { waitFor } from './wait-for.js';

export interface ReceivedMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
  /** The value of a header, unfolded. */
  header(name: string): string | undefined;
  /** What stands in it, decoded. */
  readonly text: string;
}

export interface MailServer {
  /** smtp:// */
  readonly url: string;
  readonly mails: readonly ReceivedMail[];
  /** From now on: takes everything (null), or answers a recipient with this SMTP code. */
  refuse(code: number | null): void;
  waitForMails(count: number): Promise<readonly ReceivedMail[]>;
  stop(): Promise<void>;
}

export async function startMailServer(): Promise<MailServer> {
  const mails: ReceivedMail[] = [];
  let refusal: number | null = null;
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS', 'AUTH'],
    onRcptTo: (_address, _session, callback) => {
      if (refusal === null) callback();
      else callback(Object.assign(new Error('not today'), { responseCode: refusal }));
    },
    onData: (stream, session, callback) => {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const { mailFrom, rcptTo } = session.envelope;
        const from = mailFrom === false ? '' : mailFrom.address;
        const to = rcptTo.map((one) => one.address);
        mails.push(toMail(Buffer.concat(chunks).toString('utf8'), from, to));
        callback();
      });
    },
  });
  // A client that goes is not an error of ours.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    mails,
    refuse: (code) => {
      refusal = code;
    },
    waitForMails: async (count) => {
      await waitFor(`${count} mails`, () => mails.length >= count, { timeoutMs: 30_000 });
      return mails;
    },
    stop: () => new Promise<void>((resolve) => server.close(() => resolve())),
  };
}

function toMail(raw: string, from: string, to: readonly string[]): ReceivedMail {
  const head = raw.slice(0, raw.indexOf('\r\n\r\n')).replace(/\r\n[ \t]+/g, ' ');
  return {
    from,
    to,
    raw,
    header: (name) => {
      const line = head.split('\r\n').find((one) => one.toLowerCase().startsWith(`${name.toLowerCase()}:`));
      return line?.slice(name.length + 1).trim();
    },
    text: decoded(raw),
  };
}

/** Quoted-printable and base64 blocks as text: good enough to look for what was written. */
function decoded(raw: string): string {
  const blocks = raw.split('\r\n\r\n').map((block) => block.replace(/\r\n--[^]*$/, ''));
  return blocks.map((block) => (isBase64(block) ? fromBase64(block) : fromQuotedPrintable(block))).join('\n');
}

const isBase64 = (block: string): boolean => block.length > 40 && /^[A-Za-z0-9+/=\r\n]+$/.test(block);

const fromBase64 = (block: string): string => Buffer.from(block, 'base64').toString('utf8');

function fromQuotedPrintable(block: string): string {
  const bytes = block
    .replace(/=\r\n/g, '')
    .replace(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString('utf8');
}
