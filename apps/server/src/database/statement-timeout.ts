const QUERY_CANCELED = '57014';

/** Whether a statement was ended by the `statement_timeout` of its transaction. */
export function isStatementTimeout(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === QUERY_CANCELED;
}
