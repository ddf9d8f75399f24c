import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { directChat, PATIENCE, Stage, textsOf } from './stage.js';

let stage: Stage;
beforeAll(async () => {
  stage = await Stage.open();
});
afterAll(() => stage.close());

it('a message that is not sent yet can be forwarded', async () => {
  const [anna, ben, cleo] = [await stage.client(), await stage.client(), await stage.client()];
  const [withBen, withCleo] = [await directChat(anna, ben), await directChat(anna, cleo)];
  anna.disconnect();
  const { key } = withBen.send('for both');
  const forwarded = withBen.forward(key, [withCleo.id]);
  withCleo.send('behind it');
  anna.connect();
  await vi.waitFor(() => expect(anna.outbox.getSnapshot()).toEqual([]), PATIENCE);
  await forwarded;
  await vi.waitFor(
    () => expect(textsOf(cleo, withCleo.id)).toEqual(['for both', 'behind it']),
    PATIENCE,
  );
});
