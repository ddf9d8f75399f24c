import { expect, it } from 'vitest';
import { runKillCampaign } from './kill-campaign.js';
import { patience, sizes } from './sizes.js';

it(
  `DUR-1 G1 G5 ${sizes.kills} kills of the server, its database and both under load lose, double and reorder nothing`,
  patience,
  async () => {
    const victims = ['server', 'database', 'both', 'server', 'stopped'] as const;
    const { acknowledged, report } = await runKillCampaign(sizes.kills, victims);
    process.stdout.write(`${sizes.kills} kills\n${report}`);
    expect(acknowledged).toBeGreaterThan(sizes.kills * sizes.messagesBetweenKills.minimum);
  },
);
