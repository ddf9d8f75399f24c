import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** `EXT4_IOC_SHUTDOWN` without a flush of the journal: whatever has not been flushed to the disk is lost, and writes fail. */
const CUT = `open(my $root, "<", $ARGV[0]) or die; my $flags = pack("L", 2); ioctl($root, 0x8004587d, $flags) or die $!;`;

/** How long processes that were killed may take to let go of it. */
const PATIENCE_MS = 60_000;

/** An ext4 file system in a file: a disk of its own whose power can be cut, and that can be full. Only root can have one. */
export class LoopDisk {
  private constructor(
    private readonly folder: string,
    /** Where it is mounted. */
    readonly path: string,
  ) {}

  /** Resolves with nothing where this machine does not let us mount. */
  static async make(mebibytes: number): Promise<LoopDisk | undefined> {
    const folder = await mkdtemp(join(tmpdir(), 'natter-disk-'));
    await chmod(folder, 0o711);
    const disk = new LoopDisk(folder, join(folder, 'mounted'));
    try {
      await writeFile(disk.image, '');
      await truncate(disk.image, mebibytes * 1024 * 1024);
      await run('mkfs.ext4', ['-q', '-m', '0', disk.image]);
      await mkdir(disk.path);
      await disk.mount();
      await chmod(disk.path, 0o711);
      return disk;
    } catch {
      await rm(folder, { recursive: true, force: true });
      return undefined;
    }
  }

  /** Brings to the disk what was written so far. */
  async flush(): Promise<void> {
    await run('sync', ['--file-system', this.path]);
  }

  async cutPower(): Promise<void> {
    await run('perl', ['-e', CUT, this.path]);
  }

  /** Unmounts it once nobody uses it any more, and mounts what is left on the disk. */
  async powerOn(): Promise<void> {
    await this.unmount();
    await this.mount();
  }

  /** Takes all room but for `kibibytes`; gives it back when the result is called. */
  async fill(kibibytes: number): Promise<() => Promise<void>> {
    const filler = join(this.path, 'filler');
    const { stdout } = await run('df', ['--output=avail', '--block-size=1K', this.path]);
    const free = Number(stdout.trim().split('\n').at(-1));
    await run('fallocate', ['-l', String((free - kibibytes) * 1024), filler]);
    return () => rm(filler);
  }

  async dispose(): Promise<void> {
    await this.unmount();
    await rm(this.folder, { recursive: true, force: true });
  }

  private get image(): string {
    return join(this.folder, 'image');
  }

  private async mount(): Promise<void> {
    await run('mount', ['-o', 'loop', this.image, this.path]);
  }

  private async unmount(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (;;) {
      try {
        await run('umount', [this.path]);
        return;
      } catch (error) {
        // Processes that were killed may be ending still.
        if (performance.now() > deadline) throw error;
        await new Promise((resolve) => {
          setTimeout(resolve, 100);
        });
      }
    }
  }
}
