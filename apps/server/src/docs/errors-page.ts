import { errorCodes, errors } from '@natter/protocol';
import { cell } from './markdown.js';

/** `docs/errors.md`: every code, from the table that the server answers by. */
export function errorsPage(): string {
  const rows = errorCodes.map((code) => {
    const { status, retryable, when } = errors[code];
    return `| \`${code}\` | ${status} | ${retryable ? 'yes' : 'no'} | ${cell(when)} |`;
  });
  return `<!-- Written by \`npm run gen\` from packages/protocol/src/errors.ts. -->

# Errors

Every failure has a \`code\` of this list, which is closed: a client can switch over it. The text beside it is for people
and may change. Over HTTP the status follows the code and the body is \`application/problem+json\`; on the socket the code
is in the \`error\` of the acknowledgement, or in \`err.data\` where the handshake is refused. [protocol.md](protocol.md)
has the shapes.

After a retryable failure the same request may succeed later, unchanged: not before \`retryAfterMs\`, where it is given.
Send it again with the same client id, and it is carried out at most once. After any other failure it would fail again.

| Code | HTTP status | Retryable | When |
|---|---|---|---|
${rows.join('\n')}
`;
}
