import { Module } from '@nestjs/common';
import { CONFIG } from '../config/config.js';
import { StreamsModule } from '../streams/streams.module.js';
import { DownloadTracker } from './download-tracker.js';
import { DownloadsRepository } from './downloads.repository.js';
import { ForgettingService } from './forgetting.service.js';
import { MediaContentController } from './media-content.controller.js';
import { MediaInspector, PlainFiles } from './media-inspector.js';
import { MediaController } from './media.controller.js';
import { MediaPolicy } from './media.policy.js';
import { MediaRepository } from './media.repository.js';
import { MediaService } from './media.service.js';
import { OpenTransfers } from './open-transfers.js';
import { ReconciliationService } from './reconciliation.service.js';
import { MEDIA_STORAGE } from './storage/media-storage.js';
import { openMediaStorage } from './storage/open-media-storage.js';
import { UploadCompletion } from './upload-completion.js';
import { UploadSlots } from './upload-slots.js';
import { UploadSpool } from './upload-spool.js';
import { UploadsService } from './uploads.service.js';

@Module({
  imports: [StreamsModule],
  controllers: [MediaController, MediaContentController],
  providers: [
    MediaService,
    MediaPolicy,
    MediaRepository,
    DownloadsRepository,
    DownloadTracker,
    UploadsService,
    UploadCompletion,
    OpenTransfers,
    UploadSlots,
    UploadSpool,
    ForgettingService,
    ReconciliationService,
    { provide: MediaInspector, useClass: PlainFiles },
    {
      provide: MEDIA_STORAGE,
      useFactory: openMediaStorage,
      inject: [CONFIG],
    },
  ],
  exports: [MediaService],
})
export class MediaModule {}
