import { expect, it } from 'vitest';
import { staleDocuments } from '../../apps/server/src/docs/generate.js';
import { complaint } from './complaint.js';
import { root } from './sources.js';

it('the generated documents are those of the sources', async () => {
  expect(complaint(await staleDocuments(root), 'Not up to date; run: npm run gen')).toBe('');
});
