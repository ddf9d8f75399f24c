import { exec } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { judge } from './checker.js';
import { FaultLoad } from './load/fault-load.js';
import { Network } from './network/weather.js';
import type { FaultOptions } from './options.js';

/** Runs what breaks something, and waits for it. What comes of it is shown: a command that does nothing proves nothing. */
function breakSomething(command: string, say: (line: string) => void): Promise<void> {
  return new Promise((resolve) => {
    exec(command, (error, stdout, stderr) => {
      const output = `${stdout}${stderr}`.trim();
      say(`Broke: ${command}${error ? `, exit status ${error.code}` : ''}`);
      if (output !== '') say(output);
      resolve();
    });
  });
}

/** Breaks something again and again until `until`, in milliseconds of the monotonic clock. Resolves with how often. */
async function breakThings(
  { break: command, every }: FaultOptions,
  until: number,
  say: (line: string) => void,
): Promise<number> {
  let times = 0;
  if (command !== undefined) {
    while (until - performance.now() > every * 1000) {
      await delay(every * 1000);
      await breakSomething(command, say);
      times += 1;
    }
  }
  await delay(Math.max(0, until - performance.now()));
  return times;
}

/** A whole run with its verdict. Resolves with whether nothing is wrong, and what the checker reports. */
export async function runFault(
  options: FaultOptions,
  say: (line: string) => void,
): Promise<{ readonly isWell: boolean; readonly report: string }> {
  const [url = ''] = options.url;
  const network = await Network.start(options.url, options.weather);
  try {
    const load = await FaultLoad.start({ ...options, url, urls: network.urls, warn: say });
    say(`Ledgers in ${load.ledgers}`);
    const reports = setInterval(() => say(`${load.acknowledged} acknowledged`), 5000);
    const times = await breakThings(options, performance.now() + options.seconds * 1000, say);
    clearInterval(reports);
    network.clearUp();
    await load.stop();
    const { cut, doubled } = network.counts;
    say(`Broken ${times} times; ${cut} connections cut, ${doubled} messages doubled on the way`);
    return await judge(load.ledgers);
  } finally {
    await network.stop();
  }
}
