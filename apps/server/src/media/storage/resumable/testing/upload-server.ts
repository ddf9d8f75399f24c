import { createHash, randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { fastify, type FastifyInstance } from 'fastify';
import {
  ResumableUploads,
  type ResumableUploadsOptions,
  type WholeUpload,
} from '../resumable-uploads.js';

/** An upload as it was taken, with the hash of its bytes then. */
export interface TakenUpload extends WholeUpload {
  readonly sha256: string;
}

/** Nothing but resumable uploads over HTTP, for whoever the header `x-owner` names. */
export class UploadServer {
  readonly taken: TakenUpload[] = [];

  private constructor(
    readonly uploads: ResumableUploads,
    private readonly application: FastifyInstance,
  ) {}

  static async start(
    folder: string,
    options: Partial<ResumableUploadsOptions> = {},
    port = 0,
  ): Promise<UploadServer> {
    const application = fastify({ forceCloseConnections: true });
    const uploads = new ResumableUploads({
      folder,
      path: '/v1/uploads',
      mostBytes: 50_000_000,
      mostUnfinished: 1000,
      expiryMs: 3_600_000,
      isAllowedOrigin: (origin) => origin === 'https://ours.example',
      newId: randomUUID,
      admit: () => Promise.resolve(),
      take: async (upload) => {
        const sha256 = createHash('sha256').update(await readFile(upload.path));
        server.taken.push({ ...upload, sha256: sha256.digest('hex') });
      },
      failed: () => undefined,
      ...options,
    });
    const server = new UploadServer(uploads, application);
    application.addContentTypeParser('application/offset+octet-stream', (_, __, done) =>
      done(null),
    );
    application.all('/v1/uploads*', async (request, reply) => {
      reply.hijack();
      await uploads.handle(String(request.headers['x-owner']), request.raw, reply.raw);
    });
    await application.listen({ port, host: '127.0.0.1' });
    return server;
  }

  get port(): number {
    const address = this.application.server.address();
    if (typeof address !== 'object' || !address) throw new Error('the server does not listen');
    return address.port;
  }

  get endpoint(): string {
    return `http://127.0.0.1:${this.port}/v1/uploads`;
  }

  /** Cuts every connection. */
  async stop(): Promise<void> {
    await this.application.close();
  }
}
