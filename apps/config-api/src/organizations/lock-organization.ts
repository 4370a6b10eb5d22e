import { ProblemError } from '@postrider/contracts';
import { OrganizationEntity } from '@postrider/database/entities';
import { IsNull, type EntityManager } from 'typeorm';

/** Until the transaction ends the organization stays: so that nothing is added to one that is being deleted. */
export async function lockOrganization(manager: EntityManager, id: string): Promise<void> {
  const organization = await manager.findOne(OrganizationEntity, {
    select: { id: true },
    where: { id, deletedAt: IsNull() },
    lock: { mode: 'pessimistic_read' },
  });
  if (organization === null) throw new ProblemError('not_found', 'no such organization');
}
