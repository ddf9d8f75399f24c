import { expect, it } from 'vitest';
import { staleDocuments } from '../../apps/server/src/docs/generate.js';
import { root } from './sources.js';

it('the generated documents are those of the sources', async () => {
  expect(await staleDocuments(root), 'Run: npm run gen').toEqual([]);
});
