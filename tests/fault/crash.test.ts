import { expect, it } from 'vitest';
import { runKillCampaign } from './kill-campaign.js';

it('DUR-1 20 kills of the server, its database and both under load lose and double nothing', async () => {
  const report = await runKillCampaign(20, ['server', 'database', 'both']);
  process.stdout.write(`${JSON.stringify(report)}\n`);
  expect(report).toMatchObject({ kills: 20, lost: 0, duplicated: 0, altered: 0, misnumbered: 0 });
  expect(report.acknowledged).toBeGreaterThan(1000);
});
