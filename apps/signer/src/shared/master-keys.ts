// The key-encryption keys, as MASTER_KEYS names them: the newest wraps, all of them unwrap.

export interface MasterKey {
  /** 1..32 characters of A-Z, a-z, 0-9, _ and -; stands beside everything that the key wraps. */
  readonly id: string;
  /** 32 bytes. */
  readonly key: Buffer;
}

export const masterKeyBytes = 32;

export class MasterKeys {
  private readonly byId: ReadonlyMap<string, MasterKey>;

  private constructor(
    readonly newest: MasterKey,
    older: readonly MasterKey[],
  ) {
    this.byId = new Map([newest, ...older].map((key) => [key.id, key]));
  }

  /**
   * Reads `id:base64 of 32 bytes,older:…`, newest first. Throws an Error that names every part that is wrong by its
   * place and id, never by its key.
   */
  static parse(text: string): MasterKeys {
    const problems: string[] = [];
    const keys: MasterKey[] = [];
    for (const [index, part] of text.split(',').entries()) {
      const key = parsePart(part.trim(), `key ${index + 1}`, problems);
      if (key === null) continue;
      if (keys.some(({ id }) => id === key.id)) problems.push(`the id ${key.id} stands there twice`);
      keys.push(key);
    }
    const [newest, ...older] = keys;
    if (problems.length > 0 || newest === undefined) throw new Error(problems.join('; '));
    return new MasterKeys(newest, older);
  }

  get(id: string): MasterKey | undefined {
    return this.byId.get(id);
  }

  get ids(): string[] {
    return [...this.byId.keys()];
  }
}

function parsePart(part: string, place: string, problems: string[]): MasterKey | null {
  const at = part.indexOf(':');
  const id = part.slice(0, Math.max(at, 0));
  if (!/^[A-Za-z0-9_-]{1,32}$/.test(id)) {
    problems.push(`${place} must read id:base64, the id 1..32 characters of A-Z, a-z, 0-9, _ and -`);
    return null;
  }
  const base64 = part.slice(at + 1);
  const key = Buffer.from(base64, 'base64');
  if (key.length !== masterKeyBytes || key.toString('base64') !== base64) {
    problems.push(`${place} (${id}) must be the base64 of exactly 32 bytes: openssl rand -base64 32`);
    return null;
  }
  if (key.every((byte) => byte === key[0])) {
    problems.push(`${place} (${id}) is no random key: openssl rand -base64 32`);
    return null;
  }
  return { id, key };
}
