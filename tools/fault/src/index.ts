export { judge, type Judgement } from './checker.js';
export { FaultLoad, type LoadPlan } from './load/fault-load.js';
export { type Weather, Network } from './network/weather.js';
export { type FaultOptions, readOptions } from './options.js';
export { runFault } from './run.js';
