// Loaded before a server (`node --import`), whose clock is then wrong: by `CLOCK_SHIFT_MS`, and after each SIGUSR2 by as
// much in the other direction. Only what asks for the time of day is misled, as by a machine that was set wrong.
let shiftMs = Number(process.env['CLOCK_SHIFT_MS'] ?? 0);
process.on('SIGUSR2', () => {
  shiftMs = -shiftMs;
});

const Right = Date;
const now = (): number => Right.now() + shiftMs;

globalThis.Date = new Proxy(Right, {
  construct: (target, parameters, newTarget): object =>
    Reflect.construct(target, parameters.length === 0 ? [now()] : parameters, newTarget),
  apply: () => new Right(now()).toString(),
  get: (target, name) => (name === 'now' ? now : Reflect.get(target, name)),
});
