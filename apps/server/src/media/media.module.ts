import { Module, type OnApplicationShutdown } from '@nestjs/common';
import { CONFIG, type Config } from '../config/config.js';
import { BearerGuard } from '../http/bearer.guard.js';
import { StreamsModule } from '../streams/streams.module.js';
import { AvatarsController } from './avatars.controller.js';
import { AvatarsRepository } from './avatars.repository.js';
import { AvatarsService } from './avatars.service.js';
import { DownloadTracker } from './download-tracker.js';
import { DownloadsRepository } from './downloads.repository.js';
import { ForgettingService } from './forgetting.service.js';
import { MediaInspection } from './inspection/index.js';
import { MediaContentController } from './media-content.controller.js';
import { MediaController } from './media.controller.js';
import { MediaHealth } from './media-health.js';
import { MediaPolicy } from './media.policy.js';
import { MediaRepository } from './media.repository.js';
import { MediaService } from './media.service.js';
import { OpenTransfers } from './open-transfers.js';
import { ResumableUploadsController } from './resumable-uploads.controller.js';
import { ResumableUploadsService } from './resumable-uploads.service.js';
import { ReconciliationService } from './reconciliation.service.js';
import { MEDIA_STORAGE } from './storage/media-storage.js';
import { openMediaStorage } from './storage/open-media-storage.js';
import { UploadCompletion } from './upload-completion.js';
import { UploadSlots } from './upload-slots.js';
import { UploadSpool } from './upload-spool.js';
import { UploadsService } from './uploads.service.js';

@Module({
  imports: [StreamsModule],
  controllers: [
    MediaController,
    MediaContentController,
    AvatarsController,
    ResumableUploadsController,
  ],
  providers: [
    MediaService,
    MediaPolicy,
    MediaRepository,
    AvatarsService,
    AvatarsRepository,
    DownloadsRepository,
    DownloadTracker,
    UploadsService,
    UploadCompletion,
    OpenTransfers,
    UploadSlots,
    UploadSpool,
    ResumableUploadsService,
    BearerGuard,
    ForgettingService,
    ReconciliationService,
    MediaHealth,
    {
      provide: MediaInspection,
      useFactory: ({ inspection }: Config) => MediaInspection.open(inspection),
      inject: [CONFIG],
    },
    {
      provide: MEDIA_STORAGE,
      useFactory: openMediaStorage,
      inject: [CONFIG],
    },
  ],
  exports: [MediaService, AvatarsService, MediaHealth],
})
export class MediaModule implements OnApplicationShutdown {
  constructor(private readonly inspection: MediaInspection) {}

  onApplicationShutdown(): void {
    this.inspection.stop();
  }
}
