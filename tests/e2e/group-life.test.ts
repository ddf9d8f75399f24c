import { afterEach, beforeEach, expect, it } from 'vitest';
import { chooseFor, composer, messages, openChat, Stage, write } from './browser.js';

// Its names are taken once on a stage: a test that is tried again has a new one.
let stage: Stage;
beforeEach(async () => {
  stage = await Stage.open();
});
afterEach(() => stage.close());

it('a group is made, named, joined by a link, administered and left', async () => {
  const [anna, ben, cleo] = await Promise.all([
    stage.server.user('anna-of-the-group'),
    stage.server.user('ben-of-the-group'),
    stage.server.user('cleo-of-the-group'),
  ]);
  const [atAnna, atBen] = await Promise.all([stage.at(anna), stage.at(ben)]);

  await atAnna.getByRole('link', { name: 'New chat' }).click();
  await atAnna.getByRole('link', { name: 'New group' }).click();
  await atAnna.getByLabel('Group name').fill('Trip');
  await atAnna.getByLabel('Search people').fill('ben-of');
  await atAnna.getByRole('checkbox', { name: /ben-of-the-group/ }).check();
  await atAnna.getByRole('button', { name: 'Create with 1 member' }).click();
  await write(atAnna, 'Where to?');

  await openChat(atBen, /Trip/);
  await write(atBen, 'To the lake');
  await messages(atAnna).getByText('To the lake').waitFor();

  // Replies, mentions, reactions.
  await chooseFor(atAnna, 'To the lake', 'Reply');
  await composer(atAnna).pressSequentially('@ben');
  await atAnna.getByRole('option').first().waitFor();
  await composer(atAnna).press('Enter');
  await composer(atAnna).pressSequentially('good');
  await composer(atAnna).press('Enter');
  const reply = messages(atBen).filter({ hasText: '@ben-of-the-group good' });
  await reply.waitFor();
  expect(await reply.textContent()).toContain('To the lake');
  await messages(atBen).filter({ hasText: 'Where to?' }).click({ button: 'right' });
  await atBen.getByRole('menuitem', { name: 'React with 👍' }).click();
  await messages(atAnna).getByRole('button', { name: '👍, 1 reaction' }).waitFor();

  // Edits, and both ways of deleting, one of which is undone.
  await composer(atBen).press('ArrowUp');
  await composer(atBen).fill('To the sea');
  await composer(atBen).press('Enter');
  await messages(atAnna).filter({ hasText: 'To the sea' }).getByText('edited').waitFor();
  await chooseFor(atBen, 'To the sea', 'Delete for everyone');
  await atBen.getByRole('button', { name: 'Undo' }).click();
  await messages(atBen).getByText('To the sea').last().waitFor();
  await chooseFor(atAnna, '@ben-of-the-group good', 'Delete for everyone');
  await atBen.getByText('This message was deleted').first().waitFor();
  await chooseFor(atAnna, 'Where to?', 'Delete for me');
  await messages(atAnna).filter({ hasText: 'Where to?' }).waitFor({ state: 'detached' });
  expect(await messages(atBen).filter({ hasText: 'Where to?' }).count()).toBe(1);

  // Pins for all, stars for oneself.
  await chooseFor(atAnna, 'To the sea', 'Pin for everyone');
  await atBen.getByRole('button', { name: /Pinned message/ }).waitFor();
  await chooseFor(atBen, 'To the sea', 'Star');
  await atBen.goto(`${stage.url}/starred`);
  await atBen.getByRole('link', { name: /To the sea/ }).waitFor();

  // An invite link, opened cold by somebody who has to log in first.
  await atAnna.getByRole('link', { name: /Trip/ }).last().click();
  await atAnna.getByRole('button', { name: 'Make a link' }).click();
  const link = await atAnna.getByText(/\/invite\//).textContent();
  await atAnna.getByRole('img', { name: /QR/ }).waitFor();
  const atCleo = await stage.at(cleo, {}, new URL(link ?? '').pathname);
  await atCleo.getByRole('button', { name: 'Join group' }).click();
  await composer(atCleo).waitFor();
  await atAnna.getByText('cleo-of-the-group joined').first().waitFor();

  // Roles, removal, leaving.
  await atAnna.getByRole('button', { name: 'Actions for ben-of-the-group' }).click();
  await atAnna.getByRole('menuitem', { name: 'Admin', exact: true }).click();
  await atCleo
    .getByText(/changed the role/)
    .first()
    .waitFor();
  await atAnna.getByRole('button', { name: 'Actions for cleo-of-the-group' }).click();
  await atAnna.getByRole('menuitem', { name: 'Remove from the group' }).click();
  await atAnna.getByRole('button', { name: 'Remove from the group' }).click();
  await atCleo.getByText('This chat is not there').waitFor();
  await atAnna.getByRole('button', { name: 'Leave group' }).click();
  await atAnna.getByRole('dialog').getByRole('button', { name: 'Leave group' }).click();
  await atAnna.getByText('No chats yet').waitFor();

  expect(stage.faults).toEqual([]);
});
