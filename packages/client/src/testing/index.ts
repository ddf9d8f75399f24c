export { type FakeClock, fakeClock } from './fake-clock.js';
export { type Fault, FakeServer } from './fake-server.js';
