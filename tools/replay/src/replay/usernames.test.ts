import { Username } from '@natter/protocol';
import { expect, it } from 'vitest';
import * as z from 'zod/mini';
import { usernameOf } from './usernames.js';

const nicks = ['|QuaD-', '[anna]', '^_^', 'Anna', 'anna', 'ünal', 'a'.repeat(80), '...', '-', ' '];

it('every nick has a valid username, unique without regard to case and to the run', () => {
  const usernames = ['0a1b2c3d', 'ffffffff'].flatMap((runId) =>
    nicks.map((nick, person) => usernameOf(nick, person, runId)),
  );
  for (const username of usernames)
    expect(z.safeParse(Username, username)).toMatchObject({ success: true });
  expect(new Set(usernames.map((username) => username.toLowerCase())).size).toBe(usernames.length);
});

it('what a username may have of the nick stays readable', () => {
  expect(usernameOf('|QuaD-', 4, '0a1b2c3d')).toBe('0a1b2c3d-4-QuaD-');
});
