export { SearchIndexing } from './search-indexing.js';
export { SearchIndexRepository } from './search-index.repository.js';
export { SearchRepository } from './search.repository.js';
export { SearchRun } from './search-run.js';
export { SearchSegmentsRepository } from './search-segments.repository.js';
export { snippetOf } from './snippets.js';
export { tokenizer } from './tokenizer.js';
export { lookupsOf, termsOf, tokensOf } from './tokens.js';
