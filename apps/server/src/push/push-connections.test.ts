import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { afterEach, expect, it } from 'vitest';
import { ForbiddenAddressError, guardedLookup, type Resolve } from './push-connections.js';

/** What a name server answers, one answer after the other. */
function answers(...all: (readonly string[])[]): Resolve {
  let asked = 0;
  return (hostname) => {
    const answer = all[asked];
    asked += 1;
    return answer ? Promise.resolve(answer) : Promise.reject(new Error(`no ${hostname}`));
  };
}

const servers: ReturnType<typeof createServer>[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** Somebody in this network who must not be reached. */
async function internalServer() {
  let requests = 0;
  const server = createServer((_, response) => {
    requests += 1;
    response.end();
  }).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || !address) throw new Error('Unable to find the port');
  return { port: address.port, requests: () => requests };
}

const isAllowed = (_: string, address: string) => address.startsWith('127.0.0.1');

async function get(port: number, lookup: ReturnType<typeof guardedLookup>): Promise<unknown> {
  const sent = request({ host: 'push.example.com', port, lookup, agent: false }).end();
  const [outcome] = await Promise.race([
    once(sent, 'response'),
    once(sent, 'error', { signal: AbortSignal.timeout(10_000) }),
  ]).catch((error: unknown) => [error]);
  return outcome;
}

it('T71 the address that was checked is the one that is connected to', async () => {
  const { port, requests } = await internalServer();
  // A second question would be answered with another address.
  const outcome = await get(port, guardedLookup(isAllowed, answers(['127.0.0.1'])));
  expect(outcome).toMatchObject({ statusCode: 200 });
  expect(requests()).toBe(1);
});

it.each([
  ['an address inside', [['10.0.0.1']]],
  ['one address inside among others', [['127.0.0.1', '169.254.169.254']]],
  ['an address inside behind an allowed one', [['127.0.0.1', '::ffff:10.0.0.1']]],
  ['no address', [[]]],
])('T71 a host with %s is not connected to', async (_, all) => {
  const { port, requests } = await internalServer();
  const outcome = await get(port, guardedLookup(isAllowed, answers(...all)));
  expect(outcome).toBeInstanceOf(ForbiddenAddressError);
  expect(requests()).toBe(0);
});

it('T71 a name that changes its address between two connections is checked at each', async () => {
  const { port, requests } = await internalServer();
  const lookup = guardedLookup(isAllowed, answers(['127.0.0.1'], ['10.0.0.1']));
  expect(await get(port, lookup)).toMatchObject({ statusCode: 200 });
  expect(await get(port, lookup)).toBeInstanceOf(ForbiddenAddressError);
  expect(requests()).toBe(1);
});

it('a name that cannot be resolved is an error of the request', async () => {
  expect(await get(1, guardedLookup(isAllowed, answers()))).toMatchObject({
    message: 'no push.example.com',
  });
});
