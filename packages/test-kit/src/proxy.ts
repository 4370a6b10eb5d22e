// A TCP proxy before a server that a test wants slow, or away, without touching the server.
import { connect, createServer, type AddressInfo, type Socket } from 'node:net';

export interface TcpProxy {
  readonly port: number;
  /** The same URL, by way of the proxy. */
  urlFor(url: string): string;
  /** Holds back each piece of what the server sends; 0 ends it. */
  setDelay(delayMs: number): void;
  /** Ends all connections and refuses new ones until `restore`. */
  cut(): void;
  /** Keeps connections, but nothing gets through until `restore`: what a broken network looks like. */
  freeze(): void;
  restore(): void;
  stop(): Promise<void>;
}

/** Starts a proxy on a free port of 127.0.0.1 before `127.0.0.1:targetPort`. */
export async function startTcpProxy(targetPort: number): Promise<TcpProxy> {
  const sockets = new Set<Socket>();
  let delayMs = 0;
  let state: 'open' | 'cut' | 'frozen' = 'open';
  const waiting: (() => void)[] = [];

  const pass = async (from: Socket, to: Socket, isSlow: boolean): Promise<void> => {
    for await (const chunk of from) {
      if (isSlow && delayMs > 0) await new Promise((resolve) => setTimeout(resolve, delayMs).unref());
      if (state === 'frozen') await new Promise<void>((resolve) => waiting.push(resolve));
      if (!to.write(chunk as Buffer))
        await new Promise((resolve) => to.once('drain', resolve).once('close', resolve));
    }
    to.end();
  };
  const adopt = (socket: Socket, twin: () => Socket): void => {
    sockets.add(socket);
    socket.setNoDelay(true);
    socket.on('error', () => twin().destroy());
    socket.once('close', () => {
      sockets.delete(socket);
      twin().destroy();
    });
  };
  const server = createServer((client) => {
    if (state === 'cut') {
      client.resetAndDestroy();
      return;
    }
    const upstream = connect(targetPort, '127.0.0.1');
    adopt(client, () => upstream);
    adopt(upstream, () => client);
    void pass(client, upstream, false).catch(() => upstream.destroy());
    void pass(upstream, client, true).catch(() => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const release = (): void => {
    for (const resume of waiting.splice(0)) resume();
  };
  const endAll = (): void => {
    for (const socket of sockets) socket.destroy();
    release();
  };
  return {
    port,
    urlFor: (url) => {
      const changed = new URL(url);
      changed.host = `127.0.0.1:${port}`;
      return changed.href;
    },
    setDelay: (ms) => {
      delayMs = ms;
    },
    cut: () => {
      state = 'cut';
      endAll();
    },
    freeze: () => {
      state = 'frozen';
    },
    restore: () => {
      state = 'open';
      release();
    },
    stop: () =>
      new Promise((resolve) => {
        state = 'cut';
        server.close(() => resolve());
        endAll();
      }),
  };
}
