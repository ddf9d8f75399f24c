/** Links are relative, so that the page also works where the application is mounted below a prefix. */
export const docsPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Natter API</title>
    <link rel="icon" href="data:,">
    <link rel="stylesheet" href="docs/assets/swagger-ui.css">
    <link rel="stylesheet" href="docs/assets/natter-docs.css">
    <script src="docs/assets/swagger-ui-bundle.js" defer></script>
    <script src="docs/assets/natter-docs.js" defer></script>
  </head>
  <body>
    <nav class="doors" aria-label="Documentation">
      <strong>Natter</strong>
      <a href="docs" aria-current="page">HTTP</a>
      <a href="docs/socket">Socket.IO</a>
      <a href="docs/openapi.json">openapi.json</a>
    </nav>
    <div id="api"></div>
    <noscript>This page needs JavaScript. The description itself is at <a href="docs/openapi.json">docs/openapi.json</a>.</noscript>
  </body>
</html>
`;

/** Without a validator, which would be asked at an address of others. */
export const docsScript = `SwaggerUIBundle({
  url: 'docs/openapi.json',
  dom_id: '#api',
  deepLinking: true,
  validatorUrl: null,
});
`;

/** Everything from this server, and no script in the page itself; the style sheet holds its pictures as data. */
export const docsContentPolicy = [
  "default-src 'self'",
  "img-src 'self' data:",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');
