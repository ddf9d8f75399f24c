import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateBucketCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import type { BucketConfig } from '../../../config/config.js';

const PYTHON = '/usr/bin/python3';
const PATIENCE_MS = 60_000;
const ATTEMPTS = 3;
/** Swift's programs look for swift.conf in /etc/swift alone. */
const LAUNCH = `
import runpy, sys
from swift.common.utils import set_swift_dir
set_swift_dir(sys.argv[1])
sys.argv = sys.argv[2:]
runpy.run_path(sys.argv[0], run_name='__main__')
`;
const PROXY_PIPELINE = `
[pipeline:main]
pipeline = catch_errors proxy-logging cache s3api tempauth bulk slo dlo proxy-logging proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
# A store that is slow on a busy machine, or does not listen yet, is asked again.
conn_timeout = 10
error_suppression_limit = 1000000
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:proxy-logging]
use = egg:swift#proxy_logging
[filter:cache]
use = egg:swift#memcache
[filter:s3api]
use = egg:swift#s3api
[filter:tempauth]
use = egg:swift#tempauth
user_test_tester = testing .admin
[filter:bulk]
use = egg:swift#bulk
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
`;
const USER = userInfo().username;
const STORES = ['account', 'container', 'object'] as const;

const run = promisify(execFile);

/**
 * Why no Swift can be started; absent where one can.
 *
 * @param root Below which Debian's packages swift-proxy, swift-account, swift-container and swift-object, and memcached,
 *   are installed or unpacked.
 */
export function swiftMissing(root: string): string | undefined {
  const found = existsSync(join(root, 'usr/bin/swift-proxy-server'));
  return found ? undefined : 'not run: OpenStack Swift is not installed';
}

/** OpenStack Swift, which speaks S3, multipart uploads included: one node with one copy of everything. */
export class SwiftServer {
  private constructor(
    /** Of S3, for addresses in path style. */
    readonly endpoint: string,
    private readonly folder: string,
    private readonly children: readonly ChildProcess[],
  ) {}

  /** @param root See {@link swiftMissing}. */
  static async start(root: string): Promise<SwiftServer> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await SwiftServer.startOnce(root);
      } catch (error) {
        // Until a program listens, somebody else may have taken its port.
        if (attempt === ATTEMPTS) throw error;
      }
    }
  }

  private static async startOnce(root: string): Promise<SwiftServer> {
    const folder = await mkdtemp(join(tmpdir(), 'natter-swift-'));
    await mkdir(join(folder, 'devices', 'd1'), { recursive: true });
    await writeFile(
      join(folder, 'swift.conf'),
      '[swift-hash]\nswift_hash_path_suffix = natter\nswift_hash_path_prefix = natter\n',
    );
    const programs = new SwiftPrograms(root, folder);
    const children = await Promise.all(STORES.map((store) => programs.startStore(store)));
    const port = await freePort();
    await writeFile(join(folder, 'proxy.conf'), settings(folder, port) + PROXY_PIPELINE);
    children.push(await programs.startCache(), programs.start('proxy'));
    const server = new SwiftServer(`http://127.0.0.1:${port}`, folder, children);
    try {
      await server.untilReady();
    } catch (error) {
      await server.stop();
      throw error;
    }
    return server;
  }

  async stop(): Promise<void> {
    await Promise.all(this.children.map(end));
    await rm(this.folder, { recursive: true, force: true, maxRetries: 5 });
  }

  private async untilReady(): Promise<void> {
    const deadline = performance.now() + PATIENCE_MS;
    for (let attempt = 1; !(await this.stores(`ready-${attempt}`)); attempt += 1) {
      if (performance.now() > deadline || this.children.some(({ exitCode }) => exitCode !== null)) {
        throw new Error('OpenStack Swift does not start');
      }
      await new Promise((resolve) => {
        setTimeout(resolve, 100);
      });
    }
  }

  /** Whether an object gets into a new bucket: so all three stores answer. */
  private async stores(name: string): Promise<boolean> {
    const client = clientOf(bucketAt(this.endpoint, name));
    try {
      await createBucket(this.endpoint, name);
      await client.send(new PutObjectCommand({ Bucket: name, Key: 'ready', Body: 'ready' }));
      return true;
    } catch {
      return false;
    } finally {
      client.destroy();
    }
  }
}

/** How a bucket of Swift is reached, whether it is there or not. */
export function bucketAt(endpoint: string, name: string): BucketConfig {
  return {
    name,
    endpoint,
    region: 'us-east-1',
    accessKeyId: 'test:tester',
    secretAccessKey: 'testing',
    pathStyle: true,
  };
}

/** Makes a bucket of a name that none has yet, of three letters at least. */
export async function createBucket(endpoint: string, name: string): Promise<BucketConfig> {
  const bucket = bucketAt(endpoint, name);
  const client = clientOf(bucket);
  try {
    await client.send(new CreateBucketCommand({ Bucket: name }));
  } finally {
    client.destroy();
  }
  return bucket;
}

/** To be destroyed after use. */
export function clientOf({ endpoint, region, ...keys }: BucketConfig): S3Client {
  const { accessKeyId = '', secretAccessKey = '' } = keys;
  return new S3Client({
    endpoint,
    region,
    forcePathStyle: true,
    credentials: { accessKeyId, secretAccessKey },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
}

/** Swift's programs as children of this process, which live in one folder. */
class SwiftPrograms {
  private readonly environment: Readonly<Record<string, string>>;

  constructor(
    private readonly root: string,
    private readonly folder: string,
  ) {
    this.environment = {
      PATH: '/usr/bin:/bin',
      PYTHONPATH: join(root, 'usr/lib/python3/dist-packages'),
      LD_LIBRARY_PATH: join(root, 'usr/lib/x86_64-linux-gnu'),
    };
  }

  async startStore(store: (typeof STORES)[number]): Promise<ChildProcess> {
    const port = await freePort();
    const pipeline = `
[pipeline:main]
pipeline = ${store}-server
[app:${store}-server]
use = egg:swift#${store}
`;
    await writeFile(join(this.folder, `${store}.conf`), settings(this.folder, port) + pipeline);
    const builder = join(this.folder, `${store}.builder`);
    const program = join(this.root, 'usr/bin/swift-ring-builder');
    for (const args of [
      ['create', '2', '1', '0'],
      ['add', `r1z1-127.0.0.1:${port}/d1`, '1'],
      ['rebalance'],
    ]) {
      await run(PYTHON, [program, builder, ...args], { env: this.environment, cwd: this.folder });
    }
    return this.start(store);
  }

  async startCache(): Promise<ChildProcess> {
    const port = await freePort();
    const servers = `[memcache]\nmemcache_servers = 127.0.0.1:${port}\n`;
    await writeFile(join(this.folder, 'memcache.conf'), servers);
    const program = join(this.root, 'usr/bin/memcached');
    return spawn(program, ['-l', '127.0.0.1', '-p', String(port), '-u', USER], {
      env: this.environment,
      stdio: 'ignore',
    });
  }

  start(name: string): ChildProcess {
    const program = join(this.root, `usr/bin/swift-${name}-server`);
    const configuration = join(this.folder, `${name}.conf`);
    return spawn(PYTHON, ['-c', LAUNCH, this.folder, program, configuration], {
      env: this.environment,
      cwd: this.folder,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  }
}

function settings(folder: string, port: number): string {
  return `[DEFAULT]
bind_ip = 127.0.0.1
bind_port = ${port}
workers = 0
user = ${USER}
swift_dir = ${folder}
devices = ${join(folder, 'devices')}
mount_check = false
log_level = ERROR
`;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1');
  await once(probe, 'listening');
  const address = probe.address();
  probe.close();
  await once(probe, 'close');
  if (typeof address !== 'object' || !address) throw new Error('there is no free port');
  return address.port;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill('SIGKILL');
  await ended;
}
