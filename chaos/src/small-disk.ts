// A disk that is soon full: a tmpfs of a few hundred MB, which root alone may mount.
import { execFile } from 'node:child_process';
import { chmodSync, closeSync, existsSync, openSync, rmSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '@postrider/test-kit';

const run = promisify(execFile);
const chunk = Buffer.alloc(1_048_576);
const smallChunk = Buffer.alloc(4_096);

export class SmallDisk {
  private readonly ballast: string;

  private constructor(readonly folder: string) {
    this.ballast = join(folder, 'ballast');
  }

  /** Throws where this user may mount nothing. */
  static async make(sizeMB: number): Promise<SmallDisk> {
    const folder = temporaryFolder('small-disk');
    await run('mount', ['-t', 'tmpfs', '-o', `size=${sizeMB}m`, 'tmpfs', folder]).catch((error: unknown) => {
      throw new Error('a small disk is a tmpfs, which root on Linux may mount', { cause: error });
    });
    chmodSync(folder, 0o755);
    return new SmallDisk(folder);
  }

  /** To the last page. What others delete meanwhile is taken too, when it is called again. */
  fill(): void {
    const file = openSync(this.ballast, 'a');
    try {
      for (const piece of [chunk, smallChunk]) while (writes(file, piece));
    } finally {
      closeSync(file);
    }
  }

  get isFilled(): boolean {
    return existsSync(this.ballast);
  }

  empty(): void {
    rmSync(this.ballast, { force: true });
  }

  /** After everybody has left it. */
  async remove(): Promise<void> {
    await run('umount', ['--lazy', this.folder]);
  }
}

function writes(file: number, piece: Buffer): boolean {
  try {
    return writeSync(file, piece) > 0;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOSPC') return false;
    throw error;
  }
}
