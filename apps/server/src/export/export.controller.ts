import { Readable } from 'node:stream';
import type { RouteInput } from '@natter/protocol';
import { Controller, StreamableFile } from '@nestjs/common';
import { FromCaller, FromRequest, Route } from '../http/route.decorator.js';
import type { Caller } from '../identity/caller.js';
import { ExportService } from './export.service.js';

@Controller()
export class ExportController {
  constructor(private readonly exports: ExportService) {}

  @Route('exportOwn')
  export(
    @FromCaller() caller: Caller,
    @FromRequest() { cursor }: RouteInput<'exportOwn'>,
  ): StreamableFile {
    // What the receiver has not taken yet is not read yet.
    const lines = Readable.from(this.exports.start(caller, cursor), { objectMode: false });
    return new StreamableFile(lines, {
      type: 'application/x-ndjson',
      disposition: 'attachment; filename="natter-export.jsonl"',
    });
  }
}
