import {
  commands,
  overRate,
  rateAllowances,
  type RateClassDefinition,
  rateClasses,
  type Route,
  routes,
} from '@natter/protocol';
import { cell } from './markdown.js';

/** What counts for a class: commands by their names, routes by their addresses. */
function countedFor(name: string): string {
  const sent = Object.entries(commands)
    .filter(([, { rate }]) => rate === name)
    .map(([command]) => `\`${command}\``);
  const called = Object.values<Route>(routes)
    .filter(({ rate }) => rate === name)
    .map(({ method, path }) => `${method} ${path}`);
  return [...sent, ...called].join(', ') || 'nothing yet';
}

/** `docs/rates.md`: every class, what counts for it, and what happens over it. */
export function ratesPage(): string {
  const { burstSeconds, commandsInFlight, devicesPerUser, excess, excessPerSecond } =
    rateAllowances;
  const classes = Object.entries<RateClassDefinition>(rateClasses).map(
    ([name, { perSecond, what, over }]) =>
      `| \`${name}\` | ${cell(what)} | ${perSecond} | ${perSecond * burstSeconds} | ${perSecond * devicesPerUser} | ${perSecond * devicesPerUser * burstSeconds} | ${over} |`,
  );
  const outcomes = Object.entries(overRate).map(([name, text]) => `- **${name}**: ${text}`);
  const counted = [...Object.keys(rateClasses), 'exempt'].map(
    (name) => `| \`${name}\` | ${cell(countedFor(name))} |`,
  );
  return `<!-- Written by \`npm run gen\` from packages/protocol/src/rates.ts, commands.ts and routes.ts. -->

# Rate limits

Every command and every route that wants a login counts for one of these classes. What is asked over the socket and what
is asked over HTTP count together, for the device and for its user over all of his devices. A device that was quiet may
send a burst; from then on its rate holds.

| Class | To | A device each second | at once | A user each second | at once | Over it |
|---|---|---|---|---|---|---|
${classes.join('\n')}

${outcomes.join('\n')}

After \`retryAfterMs\` the same request is let through, unless others of the same device or user have taken its place.
These are the defaults; [configuration.md](configuration.md) says how an operator changes them, by the settings that
begin with \`NATTER_RATE_\`. The counts are those of one server.

A socket may have ${commandsInFlight.toLocaleString('en')} commands that are not answered yet; one more is over the rate of its class. A socket that was
over its rates ${excess.toLocaleString('en')} times, and ${excessPerSecond} times more for each second since, gets \`sessionEnded\` with \`RATE_LIMITED\` and is cut.

| Class | Counted for it |
|---|---|
${counted.join('\n')}

A name that is no command's counts as \`change\`. What is \`exempt\` wants no login; logins and registrations have limits of
their own (AUTH-4 in [protocol.md](protocol.md)).
`;
}
