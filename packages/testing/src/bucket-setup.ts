import { SwiftServer, swiftMissing } from '@natter/server/media/testing';
import type { TestProject } from 'vitest/node';

const ROOT = process.env['TEST_SWIFT_ROOT'] ?? '/';

/** Vitest's global setup of the project `bucket`: a server that speaks S3, where one is installed. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const missing = swiftMissing(ROOT);
  if (missing !== undefined) {
    project.provide('bucketServer', { missing });
    return () => Promise.resolve();
  }
  const swift = await SwiftServer.start(ROOT);
  project.provide('bucketServer', { endpoint: swift.endpoint });
  return () => swift.stop();
}
