// The members of a published event but `Data` and `PreviousData`. The schema in contracts decides; what plainly keeps to
// it is told in a fraction of the time, and only the rest goes through the schema. A test proves that they agree.
import { EventMembers, fieldErrors, type FieldError } from '@postrider/contracts';

const plainId = /^[A-Za-z0-9_-]{1,64}$/;
const plainTopic = /^[A-Za-z0-9_-]+(?:\.[A-Za-z0-9_-]+){0,7}$/;
/** ASCII that is neither blank nor a control character. */
const plainName = /^[!-~][ -~]{0,99}$/;
const maxEpochMs = 8_640_000_000_000_000;
const memberNames = new Set(['Id', 'Topic', 'CreatedAt', 'UpdatedAt', 'Resource', 'Actor']);

export type MembersJudgement =
  | { readonly members: EventMembers }
  /** Pointers are relative to the event. */
  | { readonly errors: readonly FieldError[] };

/** `value` is parsed JSON: an object of the members that were given. */
export function judgeMembers(value: Readonly<Record<string, unknown>>): MembersJudgement {
  if (isPlain(value)) return { members: value };
  const result = EventMembers.safeParse(value, { reportInput: true });
  return result.success ? { members: result.data } : { errors: fieldErrors(result.error.issues) };
}

/** Says yes only to what the schema takes as it is. */
export function isPlain(value: Readonly<Record<string, unknown>>): value is EventMembers {
  const { Id, Topic, CreatedAt, UpdatedAt, Resource, Actor } = value;
  return (
    Object.keys(value).every((name) => memberNames.has(name)) &&
    (Id === undefined || (typeof Id === 'string' && plainId.test(Id))) &&
    (Topic === undefined || (typeof Topic === 'string' && Topic.length <= 128 && plainTopic.test(Topic))) &&
    (CreatedAt === undefined || isEpochMs(CreatedAt)) &&
    (UpdatedAt === undefined || isEpochMs(UpdatedAt)) &&
    (Resource == null || isPlainName(Resource)) &&
    (Actor == null || isPlainActor(Actor))
  );
}

function isEpochMs(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= maxEpochMs;
}

function isPlainName(value: unknown): boolean {
  return typeof value === 'string' && plainName.test(value);
}

function isPlainActor(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { Type, Id } = value as { Type?: unknown; Id?: unknown };
  return isPlainName(Type) && isPlainName(Id) && Object.keys(value).length === 2;
}
