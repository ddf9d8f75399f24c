import { randomInt } from 'node:crypto';
import { ChildServer } from '@natter/testing';
import { type Campaign, underLoad } from './load.js';
import { sizes } from './sizes.js';

/** What is killed with SIGKILL while messages are being sent; `stopped`: the server, after it was stopped for a while. */
export type Victim = 'server' | 'database' | 'both' | 'stopped';

async function kill(server: ChildServer, victim: Victim): Promise<void> {
  if (victim === 'stopped') {
    server.signal('SIGSTOP');
    await new Promise((resolve) => {
      setTimeout(resolve, sizes.pauseMs);
    });
  }
  if (victim === 'database' || victim === 'both') await server.killDatabase();
  if (victim !== 'database') {
    await server.kill('SIGKILL');
    await server.start();
  }
  await server.untilReady();
}

/**
 * Kills a child server, its database, or both, again and again while clients send, and compares what they were told with
 * what a fresh login reads.
 *
 * @throws where anything that was acknowledged is lost or is not as it was said.
 */
export async function runKillCampaign(
  kills: number,
  victims: readonly Victim[],
): Promise<Campaign> {
  const server = await ChildServer.prepare();
  try {
    await server.start();
    return await underLoad({ url: server.url, people: 8, rooms: 2, listeners: 2 }, async (load) => {
      const { minimum, maximum } = sizes.messagesBetweenKills;
      for (let round = 0; round < kills; round += 1) {
        await load.untilMore(randomInt(minimum, maximum));
        await kill(server, victims[round % victims.length] ?? 'server');
      }
      await load.untilMore(minimum);
    });
  } finally {
    await server.dispose();
  }
}
