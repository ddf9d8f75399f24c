import {
  type CallHandler,
  type ExecutionContext,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { map, type Observable } from 'rxjs';
import type { Creation } from './creation.js';
import { routeOf } from './route-metadata.js';

/** Answers with the status that the protocol gives the route. */
@Injectable()
export class StatusInterceptor implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { status, repeatStatus } = routeOf(context);
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    if (repeatStatus === undefined) {
      reply.status(status);
      return next.handle();
    }
    return next.handle().pipe(
      map(({ created, value }: Creation<unknown>) => {
        reply.status(created ? status : repeatStatus);
        return value;
      }),
    );
  }
}
