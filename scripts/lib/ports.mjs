import { createServer } from 'node:net';
import { UserError } from './say.mjs';
import { services } from './paths.mjs';

/** Binds a port for a moment (0 gives a free one). Resolves with the port, or with why it cannot be had. */
function tryListen(port, host) {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      if (error.code === 'EADDRINUSE') resolve({ problem: 'is taken by another process' });
      else if (error.code === 'EACCES') resolve({ problem: 'may not be used by this user' });
      else reject(error);
    });
    server.listen({ port, host, exclusive: true }, () => {
      const bound = server.address().port;
      server.close(() => resolve({ port: bound }));
    });
  });
}

/** Loopback and the wildcard are both tried: some systems let one be bound while the other is taken. */
async function problemOf(port) {
  return (await tryListen(port, '127.0.0.1')).problem ?? (await tryListen(port, '0.0.0.0')).problem;
}

export const freePort = async () => (await tryListen(0, '127.0.0.1')).port;

/** The usual port, or a free one where it is taken. */
export async function usualOrFreePort(usual) {
  return (await problemOf(usual)) ? freePort() : usual;
}

/** The port of each service by its name, from the environment; every problem is one that names the variable. */
export async function servicePorts(environment) {
  const ports = {};
  const problems = [];
  for (const { name, portVariable, defaultPort } of services) {
    const text = environment[portVariable] ?? '';
    const port = text === '' ? defaultPort : Number(text);
    ports[name] = port;
    if (!Number.isInteger(port) || port < 0 || port > 65_535) {
      problems.push(`${portVariable}=${text} is not a port (0 to 65535; 0 picks a free one).`);
      continue;
    }
    const twin = services.find((other) => other.name !== name && port !== 0 && ports[other.name] === port);
    if (twin) problems.push(`${twin.portVariable} and ${portVariable} are both ${port}.`);
    const problem = !twin && port !== 0 && (await problemOf(port));
    if (problem)
      problems.push(
        `Port ${port} of ${name} ${problem}: set ${portVariable} to another one (0 picks a free one).`,
      );
  }
  if (problems.length > 0) throw new UserError(problems.join('\n'));
  return ports;
}
