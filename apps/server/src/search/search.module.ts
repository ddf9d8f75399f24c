import { Module } from '@nestjs/common';
import { ChatsModule } from '../chats/chats.module.js';
import { StreamsModule } from '../streams/streams.module.js';
import { SearchController } from './search.controller.js';
import { SearchIndexRepository } from './search-index.repository.js';
import { SearchIndexer } from './search-indexer.js';
import { SearchIndexing } from './search-indexing.js';
import { SearchSegmentsRepository } from './search-segments.repository.js';
import { SearchRepository } from './search.repository.js';
import { SearchService } from './search.service.js';
import { TOKENIZER, tokenizer } from './tokenizer.js';

@Module({
  imports: [ChatsModule, StreamsModule],
  controllers: [SearchController],
  providers: [
    SearchService,
    SearchRepository,
    SearchIndexer,
    SearchIndexing,
    SearchIndexRepository,
    SearchSegmentsRepository,
    { provide: TOKENIZER, useValue: tokenizer },
  ],
})
export class SearchModule {}
