import { expect, it } from 'vitest';

it('the scripts run on Node 24, whatever the host has', () => {
  expect(process.versions.node).toMatch(/^24\./);
});
