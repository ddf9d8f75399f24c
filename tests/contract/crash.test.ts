import { expect, it } from 'vitest';
import { runKillCampaign } from '../fault/kill-campaign.js';

it(
  'DUR-1 what was acknowledged survives SIGKILL of the server, of its database and of both',
  { timeout: 240_000 },
  async () => {
    const { acknowledged, report } = await runKillCampaign(3, ['server', 'database', 'both']);
    process.stdout.write(report);
    expect(acknowledged).toBeGreaterThan(150);
  },
);
