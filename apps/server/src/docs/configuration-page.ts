import { ConfigurationError, readConfig } from '../config/config.js';
import { settingNames, settingNote } from '../config/settings.js';
import { cell } from './markdown.js';

/** Shown as an example of what a wrong configuration is answered with. */
const MISTAKES = { PORT: '99999', JWT_SECRET: 'too short', NATTER_WRITER: '4' };

function exampleOfRefusal(): string {
  try {
    readConfig(MISTAKES);
  } catch (error) {
    if (error instanceof ConfigurationError) return error.message;
    throw error;
  }
  throw new Error('Unable to show a refusal; the mistakes are none any more');
}

interface DescribedSetting {
  readonly name: string;
  readonly description: string;
  readonly default: string | undefined;
  readonly values: string;
}

function describedSettings(): DescribedSetting[] {
  return settingNames.map((name) => {
    const note = settingNote(name);
    if (!note) throw new Error(`Unable to describe the setting ${name}; it has no note`);
    return { name, description: note.description, default: note.default, values: note.mend };
  });
}

/** `docs/configuration.md`: every setting, from the schema that reads them. */
export function configurationPage(): string {
  const rows = describedSettings().map(({ name, description, default: fallback, values }) => {
    const shown = fallback === undefined ? '' : `\`${fallback}\``;
    return `| \`${name}\` | ${cell(shown)} | ${cell(description)} | ${cell(values)} |`;
  });
  return `<!-- Written by \`npm run gen\` from apps/server/src/config/settings.ts. -->

# Configuration

Natter starts without any setting. It reads environment variables, and for those that are not set the file \`.env\` in
its working directory, where there is one; \`.env.example\` lists them all. An empty variable counts as not set.

All values are checked before anything starts. A name that starts with \`NATTER_\` and is not in the table is refused, so
that a typing error does not go unseen. Every problem is listed at once, each with how to mend it; secrets are not
repeated:

\`\`\`text
${exampleOfRefusal()}
\`\`\`

| Setting | Default | Meaning | Set it to |
|---|---|---|---|
${rows.join('\n')}
`;
}

/** `.env.example`: every setting, commented out, at its default. */
export function envExample(): string {
  const settings = describedSettings().map(
    ({ name, description, default: fallback, values }) =>
      `# ${description}\n# Set it to ${values}.\n#${name}=${fallback ?? ''}\n`,
  );
  return `# Copy this file to .env and take away the # before what you want to set. See docs/configuration.md.
# Written by \`npm run gen\`.

${settings.join('\n')}`;
}
