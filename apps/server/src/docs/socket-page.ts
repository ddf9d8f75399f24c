import {
  type Command,
  CommandError,
  commands,
  commonErrors,
  type ErrorCode,
  errors,
  type Event,
  events,
  HandshakeAuth,
  HandshakeError,
  handshakeErrors,
  policies,
  PROTOCOL_VERSION,
  receivers,
} from '@natter/protocol';
import type * as z from 'zod/mini';
import { type Html, html, prose } from './html.js';
import { type Json, SchemaComponents } from './json-schema.js';
import { fieldCount, schemaView, shapeAnchor, typeOf } from './schema-view.js';

/** A table of more fields is folded away at first. */
const FIELDS_SHOWN = 12;

const EXAMPLE = `import { io } from 'socket.io-client';

const socket = io('http://localhost:3000', {
  auth: { token: accessToken, protocolVersion: ${PROTOCOL_VERSION} },
});
socket.on('connect_error', ({ data }) => console.error(data?.code));
socket.on(event, (payload) => console.log(payload));

const answer = await socket.timeout(10_000).emitWithAck(command, payload);
if (answer.ok) console.log(answer.data);
else console.error(answer.error.code);
`;

function frame(shapes: readonly string[], content: Html): Html {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>Natter commands and events</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="assets/natter-docs.css" />
      </head>
      <body class="reading">
        <nav class="doors" aria-label="Documentation">
          <strong>Natter</strong>
          <a href="../docs">HTTP</a>
          <a href="socket" aria-current="page">Socket.IO</a>
          <a href="asyncapi.json">asyncapi.json</a>
        </nav>
        <div class="columns">
          <nav class="contents" aria-label="Contents">
            <h2><a href="#connect">Connect</a></h2>
            <h2><a href="#answers">Acknowledgements</a></h2>
            <h2><a href="#commands">Commands</a></h2>
            ${contents('command', Object.keys(commands))}
            <h2><a href="#events">Events</a></h2>
            ${contents('event', Object.keys(events))}
            <h2><a href="#shapes">Shapes</a></h2>
            ${contents('shape', shapes)}
          </nav>
          <main>
            <h1>Commands and events</h1>
            <p>
              Over Socket.IO, protocol version ${String(PROTOCOL_VERSION)}. A client emits commands,
              each answered through its acknowledgement; the server emits events. A connected socket
              gets the events of all chats of its user: nothing has to be joined. Ids are UUIDs,
              times are ISO 8601 in UTC with milliseconds. In what a client sends, an optional field
              may be absent or <code>null</code>. Clients ignore events and fields that they do not
              know.
            </p>
            ${content}
          </main>
        </div>
      </body>
    </html> `;
}

function errorTable(codes: readonly ErrorCode[]): Html {
  return html`<div class="wide">
    <table>
      <thead>
        <tr>
          <th>Code</th>
          <th>When</th>
          <th>Retryable</th>
        </tr>
      </thead>
      <tbody>
        ${codes.map(
          (code) =>
            html`<tr>
              <td><code>${code}</code></td>
              <td>${prose(errors[code].when)}</td>
              <td>${errors[code].retryable ? 'yes' : 'no'}</td>
            </tr> `,
        )}
      </tbody>
    </table>
  </div> `;
}

/** The names of one kind, with links to where they are described. */
function contents(kind: string, names: readonly string[]): Html {
  return html`<ul>
    ${names.map((name) => html`<li><a href="#${kind}-${name}">${name}</a></li> `)}
  </ul> `;
}

function heading(kind: string, name: string): Html {
  return html`<h3><a href="#${kind}-${name}">${name}</a></h3>`;
}

function shape(id: string, schema: Json): Html {
  return html`<details open id="${shapeAnchor(id)}">
    <summary>${id}</summary>
    ${schemaView(schema)}
  </details> `;
}

/** A schema under a title, folded away where it is long, so that the page can be read at a glance. */
function titled(title: string, schema: Json): Html {
  const content = html`<summary>${title}</summary>
    ${schemaView(schema)}`;
  return fieldCount(schema) > FIELDS_SHOWN
    ? html`<details>${content}</details> `
    : html`<details open>${content}</details> `;
}

class SocketPage {
  private readonly schemas = new SchemaComponents('draft-7');

  build(): Html {
    const sections = [this.connection(), this.answers(), this.commands(), this.events()];
    // Last, when everything was described that refers to them.
    const shapes = Object.entries(this.schemas.all());
    return frame(
      shapes.map(([id]) => id),
      html`${sections}
        <section id="shapes">
          <h2>Shapes</h2>
          ${shapes.map(([id, schema]) => shape(id, schema))}
        </section> `,
    );
  }

  private input(schema: z.ZodMiniType): Html {
    return typeOf(this.schemas.describe(schema, 'input'));
  }

  private output(schema: z.ZodMiniType): Html {
    return typeOf(this.schemas.describe(schema, 'output'));
  }

  private connection(): Html {
    return html`<section id="connect">
      <h2>Connect</h2>
      <p>
        In the default namespace, at the path <code>/socket.io</code> of the same address as the
        HTTP API.
      </p>
      <pre><code>${EXAMPLE}</code></pre>
      <p>
        The <code>auth</code> of the handshake is ${this.input(HandshakeAuth)}, its
        <code>token</code> the <code>accessToken</code> of a session; nobody connects without one. A
        handshake that is refused is a <code>connect_error</code>, whose <code>err.data</code> is
        ${this.output(HandshakeError)}:
      </p>
      ${errorTable(handshakeErrors)}
    </section> `;
  }

  private answers(): Html {
    return html`<section id="answers">
      <h2>Acknowledgements</h2>
      <p>Every command is answered, also on bad input, by one of:</p>
      <ul class="alternatives">
        <li>
          <code>{ ok: true, data }</code> when it is done; what it changed is committed by then
        </li>
        <li><code>{ ok: false, error: ${this.output(CommandError)} }</code></li>
      </ul>
      <p>Beside its own errors, any command may be answered:</p>
      ${errorTable(commonErrors)}
    </section> `;
  }

  private commands(): Html {
    return html`<section id="commands">
      <h2>Commands</h2>
      ${Object.entries<Command>(commands).map(([name, command]) => this.command(name, command))}
    </section> `;
  }

  private command(name: string, { summary, policy, input, output, errors: own }: Command): Html {
    return html`<article id="command-${name}">
      ${heading('command', name)}
      <p>${prose(summary)}</p>
      <p><strong>Who may:</strong> ${prose(policies[policy])}</p>
      ${titled('Payload', this.schemas.describe(input, 'input'))}
      ${titled('Acknowledgement: data', this.schemas.describe(output, 'output'))}
      ${
        own.length > 0
          ? html`<details open>
              <summary>Errors</summary>
              ${errorTable(own)}
            </details> `
          : ''
      }
    </article> `;
  }

  private events(): Html {
    return html`<section id="events">
      <h2>Events</h2>
      ${Object.entries<Event>(events).map(([name, event]) => this.event(name, event))}
    </section> `;
  }

  private event(name: string, { summary, to, payload }: Event): Html {
    return html`<article id="event-${name}">
      ${heading('event', name)}
      <p>${prose(summary)}</p>
      <p><strong>Goes to:</strong> ${prose(receivers[to])}</p>
      ${titled('Payload', this.schemas.describe(payload, 'output'))}
    </article> `;
  }
}

/** The socket half of the protocol for people to read: one page, without any script. */
export function socketPage(): string {
  return new SocketPage().build().markup;
}
