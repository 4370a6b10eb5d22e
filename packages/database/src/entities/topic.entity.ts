import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('topics')
export class TopicEntity {
  @PrimaryColumn('text') name!: string;
  @Column('text', { nullable: true }) title!: string | null;
  @Column('text', { nullable: true }) description!: string | null;
  @Column('json', { nullable: true }) example!: Record<string, unknown> | null;
  @Column('json', { nullable: true }) schema!: Record<string, unknown> | null;
  @Column('boolean', { name: 'enforce_schema' }) enforceSchema!: boolean;
  @Column('boolean') deprecated!: boolean;
  @Column('bigint', { name: 'created_at' }) createdAt!: number;
  @Column('bigint', { name: 'updated_at' }) updatedAt!: number;
  @Column('bigint', { name: 'deleted_at', nullable: true }) deletedAt!: number | null;
  @Column('bigint') version!: number;
}
