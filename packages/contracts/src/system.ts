// How the services are: each instance tells it of itself when it is asked (docs/adr/0022).
import { z } from 'zod';
import { EpochMs } from './text.js';

export const serviceNames = ['config-api', 'event-ingest', 'dispatcher', 'signer'] as const;
export const ServiceName = z.enum(serviceNames);
export type ServiceName = z.infer<typeof ServiceName>;

/** One process of a service. `Figures` by name, such as EventsPending; null: not known at the moment. */
export const ServiceStatus = z.object({
  Service: ServiceName,
  InstanceId: z.string(),
  Version: z.string(),
  StartedAt: EpochMs,
  Ready: z.boolean(),
  /** What it needs to be ready, and in words what is wrong with it. */
  Checks: z.array(z.object({ Name: z.string(), Ok: z.boolean(), Reason: z.string().nullable() })),
  Figures: z.record(z.string(), z.number().nullable()),
});
export type ServiceStatus = z.infer<typeof ServiceStatus>;

/** Every service stands there; one of which no instance has answered has no `Instances`. */
export const SystemStatus = z.strictObject({
  AskedAt: EpochMs,
  /** Whether others could be asked at all: while NATS is away, only the answering instance is known. */
  NatsConnected: z.boolean(),
  Services: z.array(z.strictObject({ Name: ServiceName, Instances: z.array(ServiceStatus) })),
});
export type SystemStatus = z.infer<typeof SystemStatus>;
