// NATS as a publisher meets it: the server's greeting, then a log-in with the credentials of the URL.
import { connect } from 'node:net';
import { ok, reasonOf, wrong, type Finding } from './check.js';

const timeoutMs = 5_000;

interface ServerInfo {
  readonly version: string;
  readonly jetstream?: boolean;
  readonly tls_required?: boolean;
}

export async function checkNats(natsUrl: string): Promise<Finding> {
  const [first = ''] = natsUrl.split(',');
  const { hostname, port, username, password } = new URL(first.trim());
  const address = `${hostname}:${port || 4222}`;
  try {
    const info = await greet(hostname, Number(port || 4222), {
      user: decodeURIComponent(username),
      pass: decodeURIComponent(password),
    });
    const told = `nats-server ${info.version} at ${address}`;
    if (info.jetstream !== true) {
      return wrong(
        'nats',
        `${told} has no JetStream`,
        'Start it with --jetstream, or with deploy/nats.conf.',
      );
    }
    return ok(
      'nats',
      info.tls_required === true
        ? `${told}, JetStream; TLS: log-in not tried`
        : `${told}, JetStream, log-in works`,
    );
  } catch (error) {
    const reason = reasonOf(error);
    const remedy = /authorization/i.test(reason)
      ? 'The user or the password in the URL is not one of its users: see deploy/nats.conf.'
      : 'Start nats-server, or correct the address. Events over HTTP are accepted meanwhile.';
    return wrong('nats', `${address}: ${reason}`, remedy);
  }
}

function greet(host: string, port: number, credentials: { user: string; pass: string }): Promise<ServerInfo> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host);
    let text = '';
    let info: ServerInfo | undefined;
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      socket.destroy();
      settle();
    };
    const timer = setTimeout(
      () => end(() => reject(new Error(`no answer within ${timeoutMs / 1_000} s`))),
      timeoutMs,
    );
    socket.on('error', (error) => end(() => reject(error)));
    socket.on('close', () => end(() => reject(new Error('closed the connection'))));
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1');
      for (let at = text.indexOf('\r\n'); at >= 0; at = text.indexOf('\r\n')) {
        const line = text.slice(0, at);
        text = text.slice(at + 2);
        if (line.startsWith('INFO ')) {
          const told = (info = JSON.parse(line.slice(5)) as ServerInfo);
          if (told.tls_required === true) return end(() => resolve(told));
          const login = {
            verbose: false,
            name: 'postrider doctor',
            ...(credentials.user === '' ? {} : credentials),
          };
          socket.write(`CONNECT ${JSON.stringify(login)}\r\nPING\r\n`);
        } else if (line === 'PONG' && info !== undefined) {
          const told = info;
          return end(() => resolve(told));
        } else if (line.startsWith('-ERR')) {
          return end(() => reject(new Error(line.slice(5))));
        }
      }
    });
  });
}
