import { expect, it } from 'vitest';
import { runKillCampaign } from '../fault/kill-campaign.js';

it(
  'DUR-1 what was acknowledged survives SIGKILL of the server, of its database and of both',
  { timeout: 120_000 },
  async () => {
    const report = await runKillCampaign(3, ['server', 'database', 'both']);
    process.stdout.write(`${JSON.stringify(report)}\n`);
    expect(report).toMatchObject({ kills: 3, lost: 0, duplicated: 0, altered: 0, misnumbered: 0 });
    expect(report.acknowledged).toBeGreaterThan(150);
  },
);
