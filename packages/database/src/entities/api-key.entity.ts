import type { Scope } from '@postrider/contracts';
import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('api_keys')
export class ApiKeyEntity {
  @PrimaryColumn('uuid', { name: 'organization_id' }) organizationId!: string;
  @PrimaryColumn('uuid') id!: string;
  @Column('text') name!: string;
  @Column('text', { array: true }) scopes!: Scope[];
  @Column('text') prefix!: string;
  @Column('bytea') hash!: Buffer;
  @Column('bigint', { name: 'created_at' }) createdAt!: number;
  @Column('bigint', { name: 'expires_at', nullable: true }) expiresAt!: number | null;
  @Column('bigint', { name: 'last_used_at', nullable: true }) lastUsedAt!: number | null;
}
