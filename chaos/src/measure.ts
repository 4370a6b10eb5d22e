// Memory and sockets of the services, from /proc: what a fault must not leave behind. Where there is no /proc: nothing.
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { ServiceName, TestSystem } from '@postrider/test-kit';

export interface Footprint {
  readonly rssMB: number;
  readonly sockets: number;
}

export const serviceNames = [
  'config-api',
  'event-ingest',
  'dispatcher',
  'signer',
] as const satisfies ServiceName[];

export function footprint(system: TestSystem, service: ServiceName): Footprint {
  const { pid } = system.service(service);
  try {
    const pages = Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]);
    return { rssMB: Math.round((pages * 4_096) / 1_048_576), sockets: socketsOf(pid) };
  } catch {
    return { rssMB: 0, sockets: 0 };
  }
}

function socketsOf(pid: number): number {
  return readdirSync(`/proc/${pid}/fd`).filter((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`).startsWith('socket:');
    } catch {
      return false;
    }
  }).length;
}

export function sayFootprints(system: TestSystem): string {
  return serviceNames
    .map((name) => {
      const { rssMB, sockets } = footprint(system, name);
      return `${name} ${rssMB} MB ${sockets} sockets`;
    })
    .join(', ');
}
