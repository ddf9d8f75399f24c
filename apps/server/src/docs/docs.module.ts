import { Module } from '@nestjs/common';
import { DocsFiles } from './docs-files.js';
import { DocsController } from './docs.controller.js';

@Module({ controllers: [DocsController], providers: [DocsFiles] })
export class DocsModule {}
