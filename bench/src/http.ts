/** @throws where the server does not answer with success, with its answer. */
async function requestJson<T>(
  address: string,
  request: RequestInit,
  read: (body: unknown) => T,
): Promise<T> {
  const response = await fetch(address, request);
  const text = await response.text();
  if (!response.ok) {
    throw new Error(`${request.method} ${address} answered ${response.status}: ${text}`);
  }
  const body: unknown = JSON.parse(text);
  return read(body);
}

/** What a server said, success or not. */
export interface Answer {
  readonly status: number;
  readonly body: unknown;
}

export function getJson<T>(
  url: string,
  path: string,
  token: string,
  read: (body: unknown) => T,
): Promise<T> {
  const headers = { authorization: `Bearer ${token}` };
  return requestJson(`${url}${path}`, { method: 'GET', headers }, read);
}

/** @param token Left out where the route wants none. */
export function postJson<T>(
  url: string,
  path: string,
  body: unknown,
  read: (body: unknown) => T,
  token?: string,
): Promise<T> {
  const headers = headersOf(token);
  return requestJson(
    `${url}${path}`,
    { method: 'POST', headers, body: JSON.stringify(body) },
    read,
  );
}

/** For a route that takes and answers nothing. */
export async function postNothing(url: string, path: string, token: string): Promise<void> {
  const request = { method: 'POST', headers: { authorization: `Bearer ${token}` } };
  const response = await fetch(`${url}${path}`, request);
  const text = await response.text();
  if (!response.ok) throw new Error(`POST ${path} answered ${response.status}: ${text}`);
}

function headersOf(token: string | undefined): Record<string, string> {
  return {
    'content-type': 'application/json',
    ...(token !== undefined && { authorization: `Bearer ${token}` }),
  };
}

/** @throws where there is no answer, or one that is not JSON. */
export async function postForAnswer(
  url: string,
  path: string,
  body: unknown,
  token?: string,
): Promise<Answer> {
  const response = await fetch(`${url}${path}`, {
    method: 'POST',
    headers: headersOf(token),
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}
