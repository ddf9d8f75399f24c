export { builtWeb, type Config, ConfigurationError, readConfig } from './config/config.js';
export { NatterModule } from './natter.module.js';
export { type RunningNatter, startNatter } from './start-natter.js';
