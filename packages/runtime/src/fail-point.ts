// Places where a fault test has the process die as by kill -9: before and after each commit, publish and acknowledgement.
// Armed by the variable FAILPOINT; else passing one costs a comparison.
import { ConfigurationError } from './config.js';

/** By the service that they are in. */
export const failPoints = {
  'event-ingest': [
    'accept.before-commit',
    'accept.after-commit',
    'hand-on.after-publish',
    'events.before-ack',
    'events.after-ack',
  ],
  dispatcher: [
    'lane.after-receive',
    'claim.before-commit',
    'claim.after-commit',
    'deliver.before-request',
    'deliver.after-answer',
    'record.before-commit',
    'record.after-commit',
    'move.before-commit',
    'move.after-commit',
  ],
} as const;

export type FailPointService = keyof typeof failPoints;
export type FailPointName = (typeof failPoints)[FailPointService][number];

let armed: { readonly name: string; passesLeft: number } | null = null;

/** `spec`: a name, or `name@n` for the nth pass; undefined arms none. Throws ConfigurationError for anything else. */
export function armFailPoint(service: FailPointService, spec: string | undefined): void {
  if (spec === undefined) return;
  const [name = '', pass = '1'] = spec.split('@');
  const names: readonly string[] = failPoints[service];
  if (!names.includes(name) || !/^[1-9]\d{0,6}$/.test(pass)) {
    throw new ConfigurationError(
      `FAILPOINT: must be one of ${names.join(', ')}, with @n behind it for the nth pass. It kills ${service}: tests only.`,
    );
  }
  armed = { name, passesLeft: Number(pass) };
}

export function failPoint(name: FailPointName): void {
  if (armed?.name !== name) return;
  armed.passesLeft -= 1;
  if (armed.passesLeft === 0) process.kill(process.pid, 'SIGKILL');
}
