import type { DisabledReason, Filter, WebhookState, WebhookType } from '@postrider/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('webhooks')
export class WebhookEntity {
  @PrimaryColumn('uuid', { name: 'organization_id' }) organizationId!: string;
  @PrimaryColumn('uuid') id!: string;
  @Column('text', { nullable: true }) alias!: string | null;
  @Column('text') type!: WebhookType;
  @Column('text', { nullable: true }) url!: string | null;
  @Column('text', { nullable: true }) email!: string | null;
  @Column('bigint', { name: 'email_confirmed_at', nullable: true }) emailConfirmedAt!: number | null;
  @Column('boolean', { name: 'has_authorization' }) hasAuthorization!: boolean;
  @Column('text', { array: true }) topics!: string[];
  @Column('json', { nullable: true }) filter!: Filter | null;
  @Column('text') state!: WebhookState;
  @Column('text', { name: 'disabled_reason', nullable: true }) disabledReason!: DisabledReason | null;
  /** When it was last enabled by a person. */
  @Column('bigint', { name: 'resumed_at', nullable: true }) resumedAt!: number | null;
  @Column('integer', { name: 'timeout_seconds' }) timeoutSeconds!: number;
  @Column('integer', { name: 'retry_schedule', array: true, nullable: true }) retrySchedule!: number[] | null;
  @Column('integer', { name: 'rate_limit_per_second', nullable: true }) rateLimitPerSecond!: number | null;
  @Column('integer', { name: 'secret_version' }) secretVersion!: number;
  @Column('bigint', { name: 'secret_created_at', nullable: true }) secretCreatedAt!: number | null;
  @Column('bigint', { name: 'previous_secret_expires_at', nullable: true }) previousSecretExpiresAt!:
    number | null;
  @Column('bigint', { name: 'created_at' }) createdAt!: number;
  @Column('bigint', { name: 'updated_at' }) updatedAt!: number;
  @Column('bigint', { name: 'deleted_at', nullable: true }) deletedAt!: number | null;
  /** From the sequence config_version; also the ETag. */
  @Column('bigint') version!: number;
}
