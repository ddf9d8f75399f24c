/** What a request made, or found made by the same request before; the route has a status for each. */
export interface Creation<T> {
  readonly created: boolean;
  readonly value: T;
}
